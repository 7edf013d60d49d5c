/// What becomes of a connection, told once each on its event loop.
public enum ConnectionEvent: Sendable, Equatable {
  /// It is served from here on.
  case opened
  /// It was opened before, whoever closed it.
  case closed
  /// It is closed without having been served.
  case refused(ConnectionRefusal)
}

/// Why a connection is not served.
public enum ConnectionRefusal: String, CaseIterable, Sendable {
  case connectionLimit = "connection_limit"
}

public typealias ConnectionObserver = @Sendable (ConnectionEvent) -> Void
