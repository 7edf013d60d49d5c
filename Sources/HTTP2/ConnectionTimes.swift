import NIOCore

/// Limits on how long a connection may be silent, idle, alive and slow; nil means no limit.
public struct ConnectionTimes: Sendable {
  /// Time without a byte from the client, after which the server sends a ping.
  public var keepalive: TimeAmount?
  /// Time without an open stream.
  public var idle: TimeAmount?
  /// Total time, a tenth more or less.
  public var age: TimeAmount?
  /// Time until the client's HTTP/2 preface is complete, including a TLS handshake.
  public var preface: TimeAmount?
  /// Time from the first frame of a header block to its last.
  public var headers: TimeAmount?
  /// Time in which the client reads no byte of the data that waits for it.
  public var stall: TimeAmount?

  public init(
    keepalive: TimeAmount? = nil, idle: TimeAmount? = nil, age: TimeAmount? = nil, preface: TimeAmount? = nil,
    headers: TimeAmount? = nil, stall: TimeAmount? = nil
  ) {
    self.keepalive = keepalive
    self.idle = idle
    self.age = age
    self.preface = preface
    self.headers = headers
    self.stall = stall
  }

  /// The interval between checks of the open streams.
  var sweepInterval: TimeAmount { min(.seconds(1), stall.map { .nanoseconds($0.nanoseconds / 8) } ?? .seconds(1)) }
}
