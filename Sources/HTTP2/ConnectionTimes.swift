import NIOCore

/// How long a connection may be silent, idle and alive; nil for as long as it likes.
public struct ConnectionTimes: Sendable {
  /// Without a byte from the client; then it is asked for one.
  public var keepalive: TimeAmount?
  /// Without an open stream.
  public var idle: TimeAmount?
  /// In all, a tenth more or less.
  public var age: TimeAmount?

  public init(keepalive: TimeAmount? = nil, idle: TimeAmount? = nil, age: TimeAmount? = nil) {
    self.keepalive = keepalive
    self.idle = idle
    self.age = age
  }
}
