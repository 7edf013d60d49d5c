import NIOCore

/// What happens on one stream, told on its connection's event loop.
public protocol StreamHandler: AnyObject {
  /// The request's header block is complete.
  /// - Parameter endOfStream: no data follows.
  func received(headers: [HeaderField], endOfStream: Bool)
  /// Some of the body. Its bytes stay charged to the stream's window until ``ServerStream/consumed(_:)``.
  func received(data: ByteBuffer)
  /// The client has sent all, trailers included.
  func receivedEnd()
  /// Told every second or so while the stream is open.
  func timePasses(at now: NIODeadline)
  /// The header block passed the limits; the stream is to be answered with an error.
  func receivedTooLargeHeaders()
  /// Some of the response's body has left for the client. Called while the session makes frames: what it leads to that
  /// reaches the stream is for later.
  func sentBody()
  /// The work that waited for leave may begin: see ``ServerStream/mayBegin()``. Called as ``sentBody()`` is.
  func mayBegin()
  /// The stream is over, whoever ended it. The last call.
  func closed()
}

/// The server's side of one stream. To be used on the connection's event loop; once the stream is closed, calls do
/// nothing.
public final class ServerStream {
  public let id: Int32
  /// Its connection's number, of which there is no other while the process lives.
  public let connection: UInt64
  /// Where the client is; nil where that is not known, and once the stream is closed.
  public var peer: SocketAddress? { session?.peer }
  /// nil once the stream is closed.
  private var session: Session?

  /// What waits to be sent.
  private var outbound = CircularBuffer<ByteBuffer>()
  /// Bytes of the body that wait to be sent.
  public private(set) var unsentBytes = 0 {
    didSet { session?.unsentBytes += unsentBytes - oldValue }
  }
  private(set) var trailers: [HeaderField]?
  private(set) var hasEnded = false
  var handler: (any StreamHandler)?
  private var sendProgress = SendProgress()

  /// What has arrived of the header block.
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
  /// - Parameter endOfStream: the block is all there is ("trailers-only").
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

  /// Ends the stream at once, both ways; a response that waits is lost.
  public func reset(_ code: ErrorCode) {
    session?.reset(stream: id, code: code)
  }

  /// Asks for leave to begin one piece of work, whose reply the client will have to read. It is not given while too much
  /// waits for the connection's client; then the handler is told in its turn, and asks again, or says that it has
  /// nothing to begin. The client is read from all the same: the frames that let its answers leave come the same way as
  /// requests.
  public func mayBegin() -> Bool { session?.mayBegin(stream: id) ?? true }

  /// There is nothing to begin any more.
  public func passTurn() { session?.endTurn(of: id) }

  /// Lets the client send as many bytes more on this stream.
  public func consumed(_ bytes: Int) {
    if bytes > 0 { session?.consume(stream: id, bytes: bytes) }
  }

  /// - Returns: whether the client goes on reading, as far as there is something to read.
  func timePasses(at now: NIODeadline, stall: TimeAmount?, isSocketWritable: Bool) -> Bool {
    handler?.timePasses(at: now)
    guard let stall else { return true }
    // While the socket takes nothing it is not this stream that waits, but the whole connection.
    return sendProgress.isAlive(isWaiting: unsentBytes > 0 && isSocketWritable, limit: stall, at: now)
  }

  /// Tells the handler that the stream is over, whoever ended it.
  func close() {
    unsentBytes = 0
    session = nil
    handler?.closed()
    handler = nil
  }

  /// Moves up to `capacity` bytes of what waits to the wire.
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
