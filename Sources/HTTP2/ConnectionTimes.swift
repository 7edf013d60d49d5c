import NIOCore

/// How long a connection may be silent, idle, alive and slow; nil for as long as it likes.
public struct ConnectionTimes: Sendable {
  /// Without a byte from the client; then it is asked for one.
  public var keepalive: TimeAmount?
  /// Without an open stream.
  public var idle: TimeAmount?
  /// In all, a tenth more or less.
  public var age: TimeAmount?
  /// Until the client has said that it speaks HTTP/2, a handshake of TLS included.
  public var preface: TimeAmount?
  /// From the first frame of a header block to its last.
  public var headers: TimeAmount?
  /// Without a byte that the client reads of what waits for it.
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

  /// How often open streams are looked at.
  var sweepInterval: TimeAmount { min(.seconds(1), stall.map { .nanoseconds($0.nanoseconds / 8) } ?? .seconds(1)) }
}
