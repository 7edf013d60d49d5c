import CNGHTTP2
import NIOCore
import Synchronization

/// Why a connection cannot continue.
public struct SessionError: Error, Sendable, CustomStringConvertible {
  public let description: String
  /// The abuse, if nghttp2 itself detected one.
  let abuse: Abuse?
}

/// Why the server stops reading from a connection's client.
enum ClientFault: Error {
  case abuse(Abuse)
  case protocolBreach(SessionError)
}

/// The protocol state of one HTTP/2 connection, kept by nghttp2: bytes go in, events and bytes come out.
///
/// A session belongs to one event loop. Only this file and Session+Callbacks use nghttp2's pointers.
final class Session {
  private var session: OpaquePointer?
  let number = Session.lastNumber.add(1, ordering: .relaxed).newValue
  let limits: ConnectionLimits
  /// The client's address.
  var peer: SocketAddress?
  private var streams: [Int32: ServerStream] = [:]
  /// Bytes of all streams' bodies that wait to be sent.
  var unsentBytes = 0 {
    didSet { if unsentBytes < oldValue { giveTurn() } }
  }
  private var turns = Turns()
  /// Streams that were reset because of their header blocks and have not been reported yet.
  var streamsCutShort = 0
  /// The stream of the last lookup, because consecutive events mostly concern one stream.
  private var latestStream: ServerStream?
  private var numbers = StreamNumbers()
  /// Makes the handler of a stream that a client opens.
  let makeHandler: (ServerStream) -> any StreamHandler
  /// Called outside ``receive(_:)`` when there may be output.
  let onOutputPending: () -> Void
  /// Called when the client has answered the ping of a drain.
  let onDrainAcknowledged: () -> Void
  private var isReceiving = false
  private var monitor: AbuseMonitor
  private(set) var slowness: SlownessGuard
  /// The abuse that was detected.
  private(set) var abuse: Abuse?
  /// Why some output could not be queued: without it, the connection cannot continue.
  private var lostOutput: SessionError?
  /// The current time, set by the owner.
  var now: NIODeadline

  /// - Parameter memory: nghttp2's allocator; nil is malloc.
  init(
    limits: ConnectionLimits, now: NIODeadline, memory: UnsafeMutablePointer<nghttp2_mem>? = nil,
    makeHandler: @escaping (ServerStream) -> any StreamHandler, onOutputPending: @escaping () -> Void,
    onDrainAcknowledged: @escaping () -> Void
  ) throws {
    self.limits = limits
    self.now = now
    monitor = AbuseMonitor(resets: limits.resets, now: now)
    slowness = SlownessGuard(limits.times, now: now)
    self.makeHandler = makeHandler
    self.onOutputPending = onOutputPending
    self.onDrainAcknowledged = onDrainAcknowledged
    session = try Self.makeSession(userData: Unmanaged.passUnretained(self).toOpaque(), memory: memory)
    try submitSettings()
  }

  deinit {
    nghttp2_session_del(session)
  }

  /// Whether nothing remains to be sent or received on the connection.
  var isFinished: Bool {
    nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0
  }

  // MARK: Bytes

  /// Processes bytes from the client and calls the streams' handlers.
  func receive(_ bytes: ByteBuffer) throws(ClientFault) {
    isReceiving = true
    defer { isReceiving = false }
    let taken = bytes.withUnsafeReadableBytes { raw in
      nghttp2_session_mem_recv(session, raw.bindMemory(to: UInt8.self).baseAddress, raw.count)
    }
    guard taken >= 0 else { throw fault(SessionError(code: Int32(taken))) }
  }

  private func fault(_ error: SessionError) -> ClientFault {
    if let abuse = abuse ?? error.abuse { return .abuse(abuse) }
    return .protocolBreach(error)
  }

  /// Whether there are frames that the client's window allows, or a frame could not be made.
  var hasOutput: Bool { lostOutput != nil || nghttp2_session_want_write(session) != 0 }

  /// Writes the next frames for the client to the buffer.
  /// - Returns: false if there are none.
  /// - Throws: ``SessionError`` if frames are missing because there is no memory.
  func writeOutput(into buffer: inout ByteBuffer) throws -> Bool {
    if let lostOutput { throw lostOutput }
    var bytes: UnsafePointer<UInt8>?
    let count = nghttp2_session_mem_send(session, &bytes)
    guard count >= 0 else { throw SessionError(code: Int32(count)) }
    guard count > 0, let bytes else { return false }
    buffer.writeBytes(UnsafeRawBufferPointer(start: bytes, count: count))
    return true
  }

  /// Call this with nghttp2's result after each submission of output.
  private func queued(_ code: Int32) {
    if nghttp2_is_fatal(code) != 0 { lostOutput = lostOutput ?? SessionError(code: code) }
  }

  private func outputPending() {
    if !isReceiving { onOutputPending() }
  }

  // MARK: Streams

  var openStreamCount: Int { streams.count }

  func stream(_ id: Int32) -> ServerStream? {
    if let latestStream, latestStream.id == id { return latestStream }
    latestStream = streams[id]
    return latestStream
  }

  func mayOpen(_ id: Int32) -> Bool { numbers.mayOpen(id) }

  func openStream(_ id: Int32) {
    _ = counts(received: .request)
    let stream = ServerStream(id: id, session: self)
    stream.handler = makeHandler(stream)
    streams[id] = stream
    latestStream = stream
  }

  func closeStream(_ id: Int32) {
    if latestStream?.id == id { latestStream = nil }
    streams.removeValue(forKey: id)?.close()
    turns.close(id)
    giveTurn()
  }

  private var isBackedUp: Bool { unsentBytes >= limits.maxUnsentBytes }

  func mayBegin(stream id: Int32) -> Bool { turns.mayBegin(id, isBackedUp: isBackedUp) }

  /// The stream's work has its reply, or there was none to begin.
  func endTurn(of id: Int32) {
    turns.end(id)
    giveTurn()
  }

  private func giveTurn() {
    if let id = turns.next(isBackedUp: isBackedUp) { stream(id)?.handler?.mayBegin() }
  }

  /// Notifies all streams that they are over: nghttp2 does not do this when a session ends.
  func closeAllStreams() {
    for id in streams.keys.sorted() { closeStream(id) }
  }

  /// Call this only while the stream is open, as all functions that send on a stream.
  func submit(headers: [HeaderField], stream id: Int32, endOfStream: Bool) {
    queued(
      withNameValues(headers) { fields, count in
        guard !endOfStream else { return nghttp2_submit_response(session, id, fields, count, nil) }
        var provider = Self.dataProvider
        return nghttp2_submit_response(session, id, fields, count, &provider)
      })
    outputPending()
  }

  func submitTrailers(_ trailers: [HeaderField], stream id: Int32) {
    queued(withNameValues(trailers) { fields, count in nghttp2_submit_trailer(session, id, fields, count) })
  }

  func resume(stream id: Int32) {
    // This call fails harmlessly if the body is not held back: then its bytes are already on their way.
    queued(nghttp2_session_resume_data(session, id))
    outputPending()
  }

  func reset(stream id: Int32, code: ErrorCode) {
    queued(nghttp2_submit_rst_stream(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), id, code.rawValue))
    outputPending()
  }

  /// Resets a stream whose message breaks the rules.
  /// - Returns: whether the connection may continue.
  func refuseMessage(of stream: ServerStream) -> Bool {
    stream.rules.isBroken = true
    headersEnded()
    reset(stream: stream.id, code: .protocolError)
    return counts(received: .invalid)
  }

  // MARK: Abuse

  /// Streams that the client reset in the last read.
  private(set) var resetsInRead = 0

  func beginRead() { resetsInRead = 0 }

  /// - Returns: whether the connection may continue.
  func counts(received frame: AbuseMonitor.Received) -> Bool {
    if case .reset = frame { resetsInRead += 1 }
    abuse = abuse ?? monitor.received(frame, at: now)
    return abuse == nil
  }

  func counts(sent frame: AbuseMonitor.Sent) {
    abuse = abuse ?? monitor.sent(frame, at: now)
  }

  func headersBegan() { slowness.headersBegan(at: now) }

  func headersEnded() { slowness.headersEnded() }

  func settingsReceived() { slowness.prefaceReceived() }

  func socket(isWritable: Bool) { slowness.socket(isWritable: isWritable, at: now) }

  /// Ends the streams whose clients do not read.
  /// - Returns: the number of these streams.
  func sweepStreams() -> Int {
    let stalled = streams.values.filter {
      !$0.timePasses(at: now, stall: limits.times.stall, isSocketWritable: slowness.isSocketWritable)
    }
    for stream in stalled { stream.reset(.cancel) }
    return stalled.count
  }

  // MARK: Flow control

  func consume(stream id: Int32, bytes: Int) {
    queued(nghttp2_session_consume_stream(session, id, bytes))
    outputPending()
  }

  /// Returns the connection's window as bytes arrive: a stream under backpressure must not hold back other streams.
  func consumeConnection(bytes: Int) {
    queued(nghttp2_session_consume_connection(session, bytes))
  }

  // MARK: The connection

  private func submitSettings() throws {
    let settings = [
      (NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.maxConcurrentStreams),
      (NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.streamWindowBytes),
      (NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits.maxHeaderBytes),
    ].map { nghttp2_settings_entry(settings_id: Int32($0.rawValue), value: UInt32($1)) }
    let flags = UInt8(NGHTTP2_FLAG_NONE.rawValue)
    let code = nghttp2_submit_settings(session, flags, settings, settings.count)
    guard code == 0 else { throw SessionError(code: code) }
    queued(nghttp2_session_set_local_window_size(session, flags, 0, Int32(limits.connectionWindowBytes)))
  }

  /// Announces the end of the connection, and requests an answer: the server still serves streams that the client
  /// opened before it received the announcement.
  func announceShutdown() {
    queued(nghttp2_submit_shutdown_notice(session))
    ping(Self.drainPing)
  }

  /// Sends a ping to the client.
  func ping(_ opaque: UInt64 = 0) {
    withUnsafeBytes(of: opaque) { opaque in
      queued(
        nghttp2_submit_ping(
          session, UInt8(NGHTTP2_FLAG_NONE.rawValue), opaque.bindMemory(to: UInt8.self).baseAddress))
    }
    outputPending()
  }

  /// Refuses streams from now on; the connection is finished when the open streams are.
  func refuseNewStreams() {
    let last = nghttp2_session_get_last_proc_stream_id(session)
    queued(
      nghttp2_submit_goaway(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), last, ErrorCode.noError.rawValue, nil, 0))
    outputPending()
  }

  /// Sends GOAWAY with an error; open streams end.
  func terminate(_ code: ErrorCode) {
    queued(nghttp2_session_terminate_session(session, code.rawValue))
  }

  private static let lastNumber = Atomic<UInt64>(0)

  /// The eight bytes of a drain's ping.
  static let drainPing = UInt64(bigEndian: 0x7363_696d_756c_7421)
}

extension SessionError {
  init(code: Int32) {
    description = String(cString: nghttp2_strerror(code))
    abuse =
      switch code {
      case NGHTTP2_ERR_FLOODED.rawValue: .unreadAnswers
      case NGHTTP2_ERR_TOO_MANY_CONTINUATIONS.rawValue: .continuations
      default: nil
      }
  }
}
