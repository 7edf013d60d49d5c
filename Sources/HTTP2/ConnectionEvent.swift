/// An event in the life of a connection, reported once on its event loop.
public enum ConnectionEvent: Sendable, Equatable {
  /// The server begins to serve the connection.
  case opened
  /// A connection that was opened is closed, by either side.
  case closed
  /// The server refuses the connection.
  case refused(ConnectionRefusal)
  /// The server ends the connection, or one of its streams, because of the client's behaviour.
  case abused(Abuse)
}

/// Why the server refuses a connection.
public enum ConnectionRefusal: String, CaseIterable, Sendable {
  case connectionLimit = "connection_limit"
  /// The process may open no more files: connections wait until it may.
  case descriptors
  /// The client and the server could not agree on TLS, or the client has no valid certificate.
  case tlsHandshake = "tls_handshake"
}

public typealias ConnectionObserver = @Sendable (ConnectionEvent) -> Void
