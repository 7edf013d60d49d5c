/// Decides whether threads should share the stages of one strip, from the time that recent passes took.
///
/// At each stage, threads wait for each other and read what the others wrote. That costs about 2 µs if their cores have
/// a third-level cache in common, and about 9 µs if they do not. Neither a virtual machine nor a container says which it
/// is, and its host may move it at any time, so the cost is measured.
struct SharingGauge {
  /// The arithmetic of a pass.
  struct Effort {
    /// MACs of linear layers.
    let products: Int
    let stages: Int
    /// The number of threads that may take part.
    let threads: Int
  }

  /// One thread's nanoseconds per product; nil if no pass was measured.
  private var productNs: Double?
  /// The nanoseconds that sharing adds to a stage; nil if no shared pass was measured.
  private var stageNs: Double?
  private var decisions = 0

  /// A pass with fewer products takes little longer than waking a thread (about 50 µs).
  private let minProducts: Int
  /// One pass of so many does the opposite of what the estimates say, so that both stay recent.
  private static let passesPerTrial = 128

  init(minProducts: Int = 1 << 25) {
    self.minProducts = minProducts
  }

  /// Decides for the next pass.
  mutating func sharesNext(_ effort: Effort) -> Bool {
    guard effort.threads > 1, effort.products >= minProducts, let productNs else { return false }
    guard let stageNs else { return true }
    let alone = productNs * Double(effort.products)
    let shared = alone / Double(effort.threads) + stageNs * Double(effort.stages)
    decisions += 1
    return (shared < alone) != decisions.isMultiple(of: Self.passesPerTrial)
  }

  /// Adds the time of a pass.
  mutating func add(_ time: Duration, of effort: Effort, isShared: Bool) {
    let ns = time / .nanoseconds(1)
    guard isShared else {
      let measured = ns / Double(effort.products)
      // Falls at once, because other work on the core can only make a pass longer.
      productNs = min(measured, Self.average(productNs, measured))
      return
    }
    let ideal = (productNs ?? 0) * Double(effort.products) / Double(effort.threads)
    stageNs = Self.average(stageNs, max(ns - ideal, 0) / Double(effort.stages))
  }

  /// A moving average over about eight passes. A pass that was interrupted counts as twice the average at most.
  private static func average(_ average: Double?, _ measured: Double) -> Double {
    guard let average else { return measured }
    return average + (min(measured, 2 * average) - average) / 8
  }
}
