/// The priority of work.
public enum Priority: String, CaseIterable, Sendable {
  case interactive, batch

  /// The cost of a token in the order of service: next to interactive work, batch work gets an eighth.
  var cost: UInt64 {
    switch self {
    case .interactive: 1
    case .batch: 8
    }
  }

  /// By default, an enum with raw values hashes these, and strings take several times as long.
  public func hash(into hasher: inout Hasher) { hasher.combine(cost) }
}

/// Identifies the queue of one client at one priority. The scheduler serves flows side by side.
public struct Flow: Hashable, Sendable {
  public let client: UInt64
  public let priority: Priority

  public init(client: UInt64, priority: Priority) {
    self.client = client
    self.priority = priority
  }

  /// The flow of the server's own work.
  public static let server = Flow(client: 0, priority: .interactive)
}
