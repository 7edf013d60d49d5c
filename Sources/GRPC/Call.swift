import HTTP2
import NIOCore

/// Settings that all calls of a server share.
public struct CallSettings: Sendable {
  /// Maximum bytes of a message, in both directions.
  public var maxMessageBytes: Int
  public var receiveBudget: ReceiveBudget
  public var sendBudget: SendBudget
  /// Maximum unanswered requests of one stream; a client that sends more waits.
  public var maxStreamRequests = 64
  /// Maximum bytes of replies that wait on one stream for the client to read them; beyond it, the stream's next
  /// requests wait too.
  public var maxUnsentBytes = 256 << 10
  /// How long a message that a client has begun to send may make no progress; nil means no limit.
  public var stall: TimeAmount?
  /// nil if all callers are allowed.
  public var authorization: Authorization?
  let observer: (any RequestObserver)?
  let follower: (any RequestFollower)?

  public init(
    maxMessageBytes: Int, receiveBudget: ReceiveBudget, sendBudget: SendBudget, stall: TimeAmount? = nil,
    authorization: Authorization? = nil, observer: (any RequestObserver)? = nil,
    follower: (any RequestFollower)? = nil
  ) {
    self.maxMessageBytes = maxMessageBytes
    self.receiveBudget = receiveBudget
    self.sendBudget = sendBudget
    self.stall = stall
    self.authorization = authorization
    self.observer = observer
    self.follower = follower
  }
}

/// Decides whether a call is allowed, by its method's path and its header `authorization`.
/// - Throws: ``Status`` UNAUTHENTICATED.
public typealias Authorization = @Sendable (_ path: String, _ header: String?) throws(Status) -> Void

/// One gRPC call on one HTTP/2 stream.
///
/// A call belongs to its connection's event loop. Methods run elsewhere and answer through ``Request``.
public final class Call: StreamHandler {
  private enum State {
    case awaitingHeaders
    case open(OpenCall)
    case finished
  }

  private var state = State.awaitingHeaders
  private let stream: ServerStream
  private let router: Router
  private let settings: CallSettings
  private let eventLoop: any EventLoop
  private var deadline: (time: NIODeadline, timer: Scheduled<Void>)?
  /// Ends the stream of a client that continues to send after the answer.
  private var linger: Scheduled<Void>?
  private var requestHasEnded = false
  /// Bytes of this stream's replies that are counted in the budget.
  private var countedBytes = 0
  private var departures = Departures()

  static let deadlineExceeded = Status(
    .deadlineExceeded, "the deadline passed before the call was answered", refusal: .deadline)
  private static let cancelled = Status(.cancelled, "the client ended the call")

  public init(stream: ServerStream, router: Router, settings: CallSettings, eventLoop: any EventLoop) {
    self.stream = stream
    self.router = router
    self.settings = settings
    self.eventLoop = eventLoop
  }

  // MARK: The requests

  public func received(headers fields: [HeaderField], endOfStream: Bool) {
    requestHasEnded = endOfStream
    do throws(CallHeaders.Refusal) {
      let headers = try CallHeaders(fields, router: router)
      try authorize(headers)
      state = .open(OpenCall(headers, settings: settings))
      if let timeout = headers.timeout { startDeadline(timeout) }
      if endOfStream { receivedEnd() }
    } catch {
      switch error {
      case .grpc(let status):
        let route = fields.first(":path").flatMap(router.number)
        ended(RequestRecord(route: route, trail: trail(route, fields, arrival: nil)), status)
        finish(status)
      case .http(let status, let text):
        finishAsHTTP(status, text, .notGRPC, isHead: fields.first(":method") == "HEAD")
      }
    }
  }

  private func authorize(_ headers: CallHeaders) throws(CallHeaders.Refusal) {
    do {
      try settings.authorization?(headers.route.path, headers.fields.first("authorization"))
    } catch {
      throw .grpc(error)
    }
  }

  public func receivedTooLargeHeaders() {
    finishAsHTTP(431, "the header block is too large\n", .headersTooLarge, isHead: false)
  }

  public func received(data: ByteBuffer) {
    // Bytes after the answer are dropped, and open no window for more.
    guard case .open(let call) = state else { return }
    call.received(data)
    advance(call)
    openWindow()
  }

  public func receivedEnd() {
    requestHasEnded = true
    guard case .open(let call) = state else { return }
    call.receivedEnd()
    advance(call)
  }

  public func timePasses(at now: NIODeadline) {
    guard case .open(let call) = state, let stall = settings.stall else { return }
    guard !call.isReceiving(at: now, within: stall) else { return }
    refuse(Self.messageStalled(stall), call)
  }

  private static func messageStalled(_ limit: TimeAmount) -> Status {
    let seconds = limit.nanoseconds / 1_000_000_000
    return Status(
      .deadlineExceeded, "the message made no progress for \(seconds) s (--stall-seconds)", refusal: .slowMessage)
  }

  public func closed() {
    end(Self.cancelled)
    departures.all()
    linger?.cancel()
    settings.sendBudget.release(countedBytes)
    countedBytes = 0
  }

  /// Starts complete requests, as many as may be in flight.
  private func advance(_ call: OpenCall) {
    do throws(Status) {
      while mayTakeRequest(call), let message = try call.nextMessage() {
        guard stream.mayBegin() else {
          call.keep(message)
          break
        }
        // The timer may be due without having run, because the event loop handles everything from one read first.
        if let deadline, deadline.time <= eventLoop.now { throw Self.deadlineExceeded }
        start(message, call)
      }
      if call.isAnswered { finish(.ok) }
    } catch {
      refuse(error, call)
    }
  }

  /// Ends the call because of a refused message.
  private func refuse(_ status: Status, _ call: OpenCall) {
    // This request is one of many; a call's single request ends with the call.
    if !call.headers.method.takesOneRequest {
      ended(incompleteRequest(call), status)
    }
    finish(status)
  }

  private func mayTakeRequest(_ call: OpenCall) -> Bool {
    guard case .open = state else { return false }
    return call.requests.count < settings.maxStreamRequests && stream.unsentBytes < settings.maxUnsentBytes
  }

  private func start(_ message: ReceivedMessage, _ call: OpenCall) {
    let start = NIODeadline.now()
    let request = call.begin(at: start, trail: trail(call, completeAt: start))
    settings.observer?.requestBegan(request.record)
    call.headers.method.handler(
      Request(
        request, headers: call.headers, received: message, share: call.shareOfNextMessage(message),
        maxMessageBytes: settings.maxMessageBytes, connection: stream.connection,
        call: NIOLoopBound(self, eventLoop: eventLoop), eventLoop: eventLoop))
  }

  /// Opens the client's window by the bytes consumed so far, if the call still takes bytes and the budget has room.
  private func openWindow() {
    guard case .open(let call) = state, !call.isWaitingForBudget, call.heldBytes > 0 else { return }
    guard mayTakeRequest(call), !call.isKeeping else {
      call.holdBack()
      return
    }
    guard let share = call.share else {
      consume(call)
      return
    }
    let bound = NIOLoopBound(self, eventLoop: eventLoop)
    let eventLoop = eventLoop
    call.isWaitingForBudget = !share.mayReceiveMore {
      eventLoop.execute { bound.value.budgetHasRoom() }
    }
    if !call.isWaitingForBudget { consume(call) }
  }

  private func budgetHasRoom() {
    guard case .open(let call) = state, call.isWaitingForBudget else { return }
    call.isWaitingForBudget = false
    consume(call)
  }

  private func consume(_ call: OpenCall) {
    stream.consumed(call.heldBytes)
    call.heldBytes = 0
  }

  private func startDeadline(_ timeout: TimeAmount) {
    let call = NIOLoopBound(self, eventLoop: eventLoop)
    let time = eventLoop.now + timeout
    deadline = (time, eventLoop.scheduleTask(deadline: time) { call.value.finish(Self.deadlineExceeded) })
  }

  // MARK: The replies

  /// Answers a request with its method's result.
  func complete(_ id: UInt64, _ framed: Result<ByteBuffer, Status>, telling status: Status) {
    guard case .open(let call) = state, let request = call.end(id) else { return }
    defer { request.reservation.release() }
    switch framed {
    case .failure(let status):
      ended(request.record, status)
      finish(status)
    case .success(let framed):
      ended(request.record, status, replyBytes: framed.readableBytes)
      reply(framed, to: request.record, call)
      if call.headers.method.takesOneRequest {
        finish(.ok)
      } else {
        goOn(call)
      }
    }
  }

  /// Sends one of several replies to a request.
  func send(_ id: UInt64, _ framed: Result<ByteBuffer, Status>) {
    guard case .open(let call) = state, let request = call.requests.first(where: { $0.id == id }) else { return }
    switch framed {
    case .failure(let status): finish(status)
    case .success(let framed): reply(framed, to: request.record, call)
    }
  }

  public func sentBody() {
    settings.sendBudget.release(countedBytes - stream.unsentBytes)
    countedBytes = stream.unsentBytes
    departures.happen(unsentBytes: stream.unsentBytes)
    guard case .open(let call) = state, call.isHeldBack, stream.unsentBytes < settings.maxUnsentBytes else { return }
    goOnSoon()
  }

  public func mayBegin() {
    goOnSoon()
  }

  /// Continues later on the event loop: nghttp2 is requesting the body right now and must not be re-entered.
  private func goOnSoon() {
    let bound = NIOLoopBound(self, eventLoop: eventLoop)
    eventLoop.execute {
      if case .open(let call) = bound.value.state { bound.value.goOn(call) }
      bound.value.passTurnWithoutWork()
    }
  }

  /// When its turn comes, the call may be over, or may not start its next request.
  private func passTurnWithoutWork() {
    if case .open(let call) = state, !call.requests.isEmpty { return }
    stream.passTurn()
  }

  private func goOn(_ call: OpenCall) {
    call.letOn()
    advance(call)
    openWindow()
  }

  private func reply(_ framed: ByteBuffer, to record: RequestRecord, _ call: OpenCall) {
    settings.observer?.requestWasReplied(record)
    sendHeaders(call)
    settings.sendBudget.count(framed.readableBytes)
    countedBytes += framed.readableBytes
    departures.queuedBytes += framed.readableBytes
    stream.send(framed)
  }

  private func sendHeaders(_ call: OpenCall) {
    guard !call.hasSentHeaders else { return }
    call.hasSentHeaders = true
    stream.send(headers: Self.responseHeaders(call.headers.replyEncoding))
  }

  /// Ends the call with a status; without any message if none was sent.
  private func finish(_ status: Status) {
    switch state {
    case .finished: return
    case .open(let call) where call.hasSentHeaders || status.code == .ok:
      end(status)
      sendHeaders(call)
      stream.finish(trailers: status.trailers)
    default:
      end(status)
      stream.send(headers: Self.responseHeaders(.identity) + status.trailers, endOfStream: true)
    }
    departures.happen(unsentBytes: stream.unsentBytes)
    stopRequest()
  }

  /// Answers a request that is not gRPC.
  private func finishAsHTTP(_ code: Int, _ text: String, _ reason: NoCall, isHead: Bool) {
    state = .finished
    settings.observer?.requestWasNoCall(reason)
    let headers = [
      HeaderField(":status", String(code)), HeaderField("content-type", "text/plain; charset=utf-8"),
    ]
    stream.send(headers: headers, endOfStream: isHead)
    if !isHead {
      stream.send(ByteBuffer(string: text))
      stream.finish()
    }
    stopRequest()
  }

  /// Ends the stream of a client that continues to send after a complete answer (RFC 9113, section 8.1). The reset is
  /// delayed, because some clients drop an answer that a reset follows closely.
  private func stopRequest() {
    guard !requestHasEnded else { return }
    let call = NIOLoopBound(self, eventLoop: eventLoop)
    linger = eventLoop.scheduleTask(in: Self.lingerTime) { call.value.stream.reset(.noError) }
  }

  private static let lingerTime = TimeAmount.seconds(1)

  private func end(_ status: Status) {
    deadline?.timer.cancel()
    guard case .open(let call) = state else {
      state = .finished
      return
    }
    state = .finished
    for record in call.endAll(incomplete: { incompleteRequest(call) }) { ended(record, status) }
  }

  /// - Parameter replyBytes: the size of the reply that follows.
  private func ended(_ record: RequestRecord, _ status: Status, replyBytes: Int = 0) {
    settings.observer?.requestEnded(record, status)
    guard let trail = record.trail else { return }
    trail.ended(status, topic: record.topic)
    departures.add(trail, replyBytes: replyBytes)
  }

  // MARK: Followed requests

  private func incompleteRequest(_ call: OpenCall) -> RequestRecord {
    let (route, fields) = (call.headers.route.number, call.headers.fields)
    return RequestRecord(route: route, trail: trail(route, fields, arrival: call.arrival))
  }

  private func trail(_ call: OpenCall, completeAt time: NIODeadline) -> (any RequestTrail)? {
    guard settings.follower != nil else { return nil }
    let trail = trail(call.headers.route.number, call.headers.fields, arrival: call.arrival)
    trail?.reached(.complete, at: time)
    return trail
  }

  /// - Parameter arrival: nil if the request ends as it begins.
  private func trail(_ route: Int?, _ fields: [HeaderField], arrival: NIODeadline?) -> (any RequestTrail)? {
    guard let follower = settings.follower else { return nil }
    return follower.follow(
      RequestOrigin(route: route, headers: fields, peer: stream.peer, arrival: arrival ?? .now()))
  }

  private static func responseHeaders(_ encoding: MessageEncoding) -> [HeaderField] {
    encoding == .identity
      ? identityHeaders : identityHeaders + [HeaderField("grpc-encoding", encoding.rawValue)]
  }

  private static let identityHeaders = [
    HeaderField(":status", "200"), HeaderField("content-type", "application/grpc"),
    HeaderField("grpc-accept-encoding", MessageEncoding.accepted),
  ]
}
