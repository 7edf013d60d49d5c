/// The time that each stage of a pass takes, for a pass on a single thread.
public final class Profile {
  public enum Stage: String, CaseIterable, Sendable {
    case embedding
    case linear
    /// The first layer of the feed-forward network with its activation. In int8, GELU runs while the sums are in
    /// registers.
    case linearGELU = "linear_gelu"
    case attention
    /// An expert's bottlenecks, including their products.
    case bottleneck
    case quantize
    case layerNorm = "layer_norm"
    case pooling
  }

  public private(set) var seconds: [Stage: Double] = [:]
  private let clock = ContinuousClock()

  public init() {}

  func measure<Result>(_ stage: Stage, _ work: () -> Result) -> Result {
    let start = clock.now
    defer { seconds[stage, default: 0] += (clock.now - start) / .seconds(1) }
    return work()
  }
}

extension Profile? {
  /// Runs work, and measures its time if there is a profile.
  func measure<Result>(_ stage: Profile.Stage, _ work: () -> Result) -> Result {
    if let profile = self { profile.measure(stage, work) } else { work() }
  }
}
