import NIOCore

/// What one connection may ask for.
public struct ConnectionLimits: Sendable {
  /// Streams open at once, advertised as SETTINGS_MAX_CONCURRENT_STREAMS.
  public var maxConcurrentStreams: Int
  /// Bytes of one header block, counted as HPACK does (name + value + 32 a field), advertised as
  /// SETTINGS_MAX_HEADER_LIST_SIZE.
  public var maxHeaderBytes = 16 << 10
  /// Beyond so many times its bound a header block is not answered any more, but its stream reset.
  static let headerExcess = 4
  /// Fields of one header block.
  public var maxHeaderFields = 100
  /// Bytes that a client may send on a stream before the server has taken any: what an undecided stream can cost.
  public var streamWindowBytes = 64 << 10
  /// The same for a whole connection; streams hold each other up no earlier than here.
  public var connectionWindowBytes = 8 << 20
  /// Bytes of frames that may wait for the client to read them, before the connection makes no more.
  public var maxOutboundBytes = 64 << 10
  /// Bytes of bodies that may wait for the client to read them, before no new work is begun for it.
  public var maxUnsentBytes = 1 << 20
  /// Bytes that are read at a time, at most: what a client can keep its event loop busy with before others have a turn.
  static let readBytes = 4 << 10
  /// Streams that may be reset in one read before the next one waits: each costs the event loop time that is nobody's
  /// request.
  static let resetsPerRead = 16
  static let pauseBehindResets = TimeAmount.milliseconds(1)
  /// Bytes of frames that are made at a time, a last frame of 16 KiB aside.
  static let chunkBytes = 64 << 10

  /// How often a client may end its own calls.
  public var resets: Rate
  public var times: ConnectionTimes

  public init(
    maxConcurrentStreams: Int = 256, resets: Rate = Rate(burst: 1_000, perSecond: 33),
    times: ConnectionTimes = ConnectionTimes()
  ) {
    self.maxConcurrentStreams = maxConcurrentStreams
    self.resets = resets
    self.times = times
  }

  var readAllocator: AdaptiveRecvByteBufferAllocator {
    AdaptiveRecvByteBufferAllocator(minimum: 1 << 10, initial: Self.readBytes, maximum: Self.readBytes)
  }

  /// Memory of a connection whose client reads nothing: what waits for it, the frames that were made when there was still
  /// room, and the protocol's state, which was measured to take 20 KB. Its calls and the kernel's buffers aside.
  public var connectionBytes: Int { maxOutboundBytes + Self.chunkBytes + (16 << 10) + (24 << 10) }
}
