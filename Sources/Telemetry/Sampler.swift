import Messages

/// A share of all traces, selected by their numbers: all processes with the same share select the same traces.
public struct TraceShare: Sendable, Equatable {
  /// The smallest number that belongs to the share.
  private let threshold: UInt64

  /// - Parameter share: from 0 to 1.
  public init(_ share: Double) {
    precondition((0...1).contains(share))
    threshold = UInt64(((1 - share) * Double(Self.numbers)).rounded())
  }

  /// The last 56 bits of a trace's number are random, by W3C's Trace Context, level 2.
  private static let numbers: UInt64 = 1 << 56

  public func contains(_ trace: TraceID) -> Bool { trace.low & (Self.numbers - 1) >= threshold }
}

/// Selects the requests to trace: OpenTelemetry's samplers.
public indirect enum Sampler: Sendable, Equatable {
  case alwaysOn
  case alwaysOff
  case share(TraceShare)
  /// The decision of the caller; without a caller's trace, the decision of another sampler.
  case parentBased(root: Sampler)

  func samples(_ trace: TraceID, parent: TraceContext?) -> Bool {
    switch self {
    case .alwaysOn: true
    case .alwaysOff: false
    case .share(let share): share.contains(trace)
    case .parentBased(let root): parent?.isSampled ?? root.samples(trace, parent: nil)
    }
  }
}
