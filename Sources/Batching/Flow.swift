/// How soon work is wanted.
public enum Priority: String, CaseIterable, Sendable {
  case interactive, batch

  /// What a token counts in the order of service: beside interactive work, batch work gets an eighth as much.
  var cost: UInt64 {
    switch self {
    case .interactive: 1
    case .batch: 8
    }
  }
}

/// Work that waits in one line: of one client, at one priority. Lines are served side by side.
public struct Flow: Hashable, Sendable {
  public let client: UInt64
  public let priority: Priority

  public init(client: UInt64, priority: Priority) {
    self.client = client
    self.priority = priority
  }

  /// The server's own work.
  public static let server = Flow(client: 0, priority: .interactive)
}
