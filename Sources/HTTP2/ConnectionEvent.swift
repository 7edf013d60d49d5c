/// What becomes of a connection, told once each on its event loop.
public enum ConnectionEvent: Sendable, Equatable {
  /// It is served from here on.
  case opened
  /// It was opened before, whoever closed it.
  case closed
  /// It is not served.
  case refused(ConnectionRefusal)
  /// It ends, or one of its streams does, for what its client did.
  case abused(Abuse)
}

/// Why a connection is not served.
public enum ConnectionRefusal: String, CaseIterable, Sendable {
  case connectionLimit = "connection_limit"
  /// The process may open no more files: connections wait until it may.
  case descriptors
  /// The client and the server could not agree on TLS, or the client has no certificate that counts.
  case tlsHandshake = "tls_handshake"
}

public typealias ConnectionObserver = @Sendable (ConnectionEvent) -> Void
