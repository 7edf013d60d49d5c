/// Time that the stages of a pass take, on the one thread that runs it.
public final class Profile {
  public enum Stage: String, CaseIterable, Sendable {
    case embedding
    case linear
    /// The first layer of the feed-forward network with its activation, which in int8 runs while the sums are in registers.
    case linearGELU = "linear_gelu"
    case attention
    /// An expert's bottlenecks, their own products included.
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
  /// Runs work, and takes its time where there is a profile.
  func measure<Result>(_ stage: Profile.Stage, _ work: () -> Result) -> Result {
    if let profile = self { profile.measure(stage, work) } else { work() }
  }
}
