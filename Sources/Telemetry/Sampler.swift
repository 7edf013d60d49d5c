import Messages

/// A share of all traces, chosen by their numbers: all who choose the same share choose the same traces.
public struct TraceShare: Sendable, Equatable {
  /// Numbers from here on belong to the share.
  private let threshold: UInt64

  /// - Parameter share: from 0 to 1.
  public init(_ share: Double) {
    precondition((0...1).contains(share))
    threshold = UInt64(((1 - share) * Double(Self.numbers)).rounded())
  }

  /// Of a trace's number, its last 56 bits are random by W3C's Trace Context, level 2.
  private static let numbers: UInt64 = 1 << 56

  public func contains(_ trace: TraceID) -> Bool { trace.low & (Self.numbers - 1) >= threshold }
}

/// Decides which requests are traced: OpenTelemetry's samplers.
public indirect enum Sampler: Sendable, Equatable {
  case alwaysOn
  case alwaysOff
  case share(TraceShare)
  /// As the caller decided; where there is none, by another sampler.
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
