import NIOCore

/// Receives the events of one stream, on its connection's event loop.
public protocol StreamHandler: AnyObject {
  /// The request's header block is complete.
  /// - Parameter endOfStream: whether no data follows.
  func received(headers: [HeaderField], endOfStream: Bool)
  /// A part of the body arrived. Its bytes stay charged to the stream's window until ``ServerStream/consumed(_:)``.
  func received(data: ByteBuffer)
  /// The client has sent everything, including trailers.
  func receivedEnd()
  /// Called about every second while the stream is open.
  func timePasses(at now: NIODeadline)
  /// The header block exceeds the limits; the handler must answer the stream with an error.
  func receivedTooLargeHeaders()
  /// A part of the response's body has left for the client. Called while the session makes frames: the handler must
  /// defer anything that affects the stream.
  func sentBody()
  /// Work that waited for permission may begin: see
  /// ``ServerStream/mayBegin()``. Called under the same conditions as ``sentBody()``.
  func mayBegin()
  /// The stream is over, ended by either side. This is the last call.
  func closed()
}

/// The server's side of one stream. Use it only on the connection's event loop. After the stream is closed, calls do
/// nothing.
public final class ServerStream {
  public let id: Int32
  /// The number of the connection, unique in the process.
  public let connection: UInt64
  /// The client's address; nil if unknown, and after the stream is closed.
  public var peer: SocketAddress? { session?.peer }
  /// nil after the stream is closed.
  private var session: Session?

  /// Data that waits to be sent.
  private var outbound = CircularBuffer<ByteBuffer>()
  /// Bytes of the body that wait to be sent.
  public private(set) var unsentBytes = 0 {
    didSet { session?.unsentBytes += unsentBytes - oldValue }
  }
  private(set) var trailers: [HeaderField]?
  private(set) var hasEnded = false
  var handler: (any StreamHandler)?
  private var sendProgress = SendProgress()

  /// The received fields of the header block.
  var headers: [HeaderField] = []
  var headerBytes = 0
  var headersTooLarge = false
  var rules = MessageRules()

  init(id: Int32, session: Session) {
    self.id = id
    self.session = session
    connection = session.number
    headers.reserveCapacity(Self.usualHeaderFields)
  }

  private static let usualHeaderFields = 12

  /// Sends the response's header block.
  /// - Parameter endOfStream: whether nothing follows the block ("trailers-only").
  public func send(headers: [HeaderField], endOfStream: Bool = false) {
    if endOfStream { hasEnded = true }
    session?.submit(headers: headers, stream: id, endOfStream: endOfStream)
    if endOfStream { passTurn() }
  }

  /// Queues bytes of the body, after the headers.
  public func send(_ bytes: ByteBuffer) {
    precondition(!hasEnded, "data after the end of a stream")
    outbound.append(bytes)
    unsentBytes += bytes.readableBytes
    session?.resume(stream: id)
    passTurn()
  }

  /// Ends the body with trailers.
  public func finish(trailers: [HeaderField]) {
    precondition(!hasEnded, "trailers after the end of a stream")
    hasEnded = true
    self.trailers = trailers
    session?.resume(stream: id)
    passTurn()
  }

  /// Ends the body without trailers.
  public func finish() {
    precondition(!hasEnded, "the stream has ended")
    hasEnded = true
    session?.resume(stream: id)
  }

  /// Ends the stream at once, in both directions; a waiting response is lost.
  public func reset(_ code: ErrorCode) {
    session?.reset(stream: id, code: code)
  }

  /// Asks for permission to begin one piece of work, whose reply the client must read. The session refuses it while too
  /// much data waits for the connection's client. It then notifies the handler when it is its turn, and the handler
  /// asks again, or calls ``passTurn()``. The session continues to read from the client, because the frames that let
  /// its answers leave arrive the same way as requests.
  public func mayBegin() -> Bool { session?.mayBegin(stream: id) ?? true }

  /// Gives up a turn: there is nothing to begin any more.
  public func passTurn() { session?.endTurn(of: id) }

  /// Lets the client send this many more bytes on the stream.
  public func consumed(_ bytes: Int) {
    if bytes > 0 { session?.consume(stream: id, bytes: bytes) }
  }

  /// - Returns: whether the client continues to read, if there is something to read.
  func timePasses(at now: NIODeadline, stall: TimeAmount?, isSocketWritable: Bool) -> Bool {
    handler?.timePasses(at: now)
    guard let stall else { return true }
    // While the socket accepts nothing, the whole connection waits, not this stream.
    return sendProgress.isAlive(isWaiting: unsentBytes > 0 && isSocketWritable, limit: stall, at: now)
  }

  /// Notifies the handler that the stream is over, ended by either side.
  func close() {
    unsentBytes = 0
    session = nil
    handler?.closed()
    handler = nil
  }

  /// Moves up to `capacity` waiting bytes to the wire.
  func takeOutbound(into target: UnsafeMutableRawBufferPointer) -> Int {
    var filled = 0
    while filled < target.count, var bytes = outbound.popFirst() {
      let count = min(target.count - filled, bytes.readableBytes)
      bytes.readWithUnsafeReadableBytes { source in
        UnsafeMutableRawBufferPointer(rebasing: target[filled...])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[..<count]))
        return count
      }
      filled += count
      if bytes.readableBytes > 0 { outbound.prepend(bytes) }
    }
    unsentBytes -= filled
    if filled > 0 { sendProgress.sent() }
    return filled
  }
}
