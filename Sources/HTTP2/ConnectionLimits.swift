import NIOCore

/// The limits of one connection.
public struct ConnectionLimits: Sendable {
  /// Maximum concurrent streams, advertised as SETTINGS_MAX_CONCURRENT_STREAMS.
  public var maxConcurrentStreams: Int
  /// Maximum bytes of one header block, counted as in HPACK (name + value + 32 per field), advertised as
  /// SETTINGS_MAX_HEADER_LIST_SIZE.
  public var maxHeaderBytes = 16 << 10
  /// Beyond this multiple of its limit, the server no longer answers a header block, but resets its stream.
  static let headerExcess = 4
  /// Maximum fields of one header block.
  public var maxHeaderFields = 100
  /// Bytes that a client may send on a stream before the server has taken any: the possible cost of an undecided
  /// stream.
  public var streamWindowBytes = 64 << 10
  /// The same for a whole connection. Streams do not delay each other before this limit.
  public var connectionWindowBytes = 8 << 20
  /// Bytes of frames that may wait for the client to read them; beyond it, the connection makes no more frames.
  public var maxOutboundBytes = 64 << 10
  /// Bytes of bodies that may wait for the client to read them; beyond it, the server begins no new work for the
  /// client.
  public var maxUnsentBytes = 1 << 20
  /// Maximum bytes of one read: they bound how long one client can keep its event loop busy before others have a turn.
  static let readBytes = 4 << 10
  /// Streams that may be reset in one read before the next read waits: each reset costs the event loop time that serves
  /// no request.
  static let resetsPerRead = 16
  static let pauseBehindResets = TimeAmount.milliseconds(1)
  /// Bytes of frames that are made at a time, except for a last frame of 16 KiB.
  static let chunkBytes = 64 << 10

  /// How often a client may cancel its own calls.
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

  /// The memory of a connection whose client reads nothing: the waiting data, the frames that were made while there was
  /// room, and the protocol's state, measured at 20 KB. It excludes the connection's calls and the kernel's buffers.
  public var connectionBytes: Int { maxOutboundBytes + Self.chunkBytes + (16 << 10) + (24 << 10) }
}
