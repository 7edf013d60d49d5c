import NIOCore

/// A call with a known method: the received bytes of its requests, and the requests in flight.
///
/// This is a class, so that appending to its bytes never copies them.
final class OpenCall {
  private enum Body {
    case unary(UnaryBody)
    case stream(MessageReader)
  }

  /// A request in flight.
  struct RequestUnderWay {
    let id: UInt64
    let record: RequestRecord
    let reservation: SendBudget.Reservation
  }

  let headers: CallHeaders
  private let budget: ReceiveBudget
  private let sendBudget: SendBudget
  private var body: Body
  /// A message that has arrived and may not begin yet.
  private var kept: ReceivedMessage?
  /// The budget share of the arriving message.
  private(set) var share: ReceiveBudget.Share?
  /// Received bytes by which the client's window has not opened again.
  var heldBytes = 0
  var isWaitingForBudget = false
  /// Whether the window stays closed until a request is answered or replies are read.
  private(set) var isHeldBack = false
  /// There are few requests, so a linear search is enough.
  private(set) var requests: [RequestUnderWay] = []
  private var lastID: UInt64 = 0
  var hasSentHeaders = false
  private var receivedBytes = 0
  private var progress = MessageProgress()
  private let isFollowed: Bool
  /// When the first bytes of the arriving request were received, if that is needed; if the call takes one request, when
  /// the call began.
  private(set) var arrival: NIODeadline?
  private var lastArrival: NIODeadline?

  init(_ headers: CallHeaders, settings: CallSettings) {
    self.headers = headers
    budget = settings.receiveBudget
    sendBudget = settings.sendBudget
    isFollowed = settings.follower != nil
    let (limit, makeInspector) = (settings.maxMessageBytes, headers.method.makeInspector)
    body =
      headers.method.takesOneRequest
      ? .unary(UnaryBody(encoding: headers.encoding, maxMessageBytes: limit, makeInspector: makeInspector))
      : .stream(MessageReader(encoding: headers.encoding, maxMessageBytes: limit, makeInspector: makeInspector))
    if isFollowed, headers.method.takesOneRequest { arrival = .now() }
  }

  /// Whether all requests of a stream have arrived and been answered.
  var isAnswered: Bool {
    guard case .stream(let reader) = body else { return false }
    return reader.isAtEnd && requests.isEmpty && kept == nil
  }

  func received(_ data: ByteBuffer) {
    heldBytes += data.readableBytes
    receivedBytes += data.readableBytes
    if isFollowed {
      lastArrival = .now()
      arrival = arrival ?? lastArrival
    }
    if share == nil { share = budget.share() }
    share?.received(data.readableBytes)
    switch body {
    case .unary(var unary):
      body = .stream(Self.none)
      unary.append(data)
      body = .unary(unary)
    case .stream(var reader):
      body = .stream(Self.none)
      reader.append(data)
      body = .stream(reader)
    }
  }

  func receivedEnd() {
    switch body {
    case .unary(var unary):
      unary.end()
      body = .unary(unary)
    case .stream(var reader):
      reader.end()
      body = .stream(reader)
    }
  }

  /// The next request's message if it is complete, otherwise nil.
  func nextMessage() throws(Status) -> ReceivedMessage? {
    if let message = kept.take() { return message }
    switch body {
    case .unary(var unary):
      defer { body = .unary(unary) }
      return try unary.next()
    case .stream(var reader):
      defer { body = .stream(reader) }
      return try reader.next()
    }
  }

  /// Puts back a message that must wait.
  func keep(_ message: ReceivedMessage) {
    kept = message
    holdBack()
  }

  /// Whether an arrived message waits.
  var isKeeping: Bool { kept != nil }

  /// The budget share of the message that was just taken; bytes received after it get a new share.
  func shareOfNextMessage(_ message: ReceivedMessage) -> ReceiveBudget.Share {
    let taken = share ?? budget.share()
    taken.isComplete(bytes: message.bytes.readableBytes + MessageFraming.prefixBytes)
    share = nil
    // That message was the one that waited.
    isWaitingForBudget = false
    countRest()
    return taken
  }

  /// - Returns: false if a message that the client has begun to send makes no progress.
  func isReceiving(at now: NIODeadline, within limit: TimeAmount) -> Bool {
    let isAwaited = isInsideMessage && !isHeldBack && !isWaitingForBudget
    return progress.isAlive(received: receivedBytes, isAwaited: isAwaited, limit: limit, at: now)
  }

  /// If the call takes one message, whether that is incomplete; for a stream, whether a part of a message has arrived.
  private var isInsideMessage: Bool {
    switch body {
    case .unary(let unary): !unary.hasEnded
    case .stream(let reader): reader.bufferedBytes > 0
    }
  }

  /// Counts a request as in flight.
  func begin(at time: NIODeadline, trail: (any RequestTrail)?) -> RequestUnderWay {
    lastID += 1
    let request = RequestUnderWay(
      id: lastID, record: RequestRecord(route: headers.route.number, start: time, trail: trail),
      reservation: sendBudget.reservation())
    // If the next message has begun, it began in the last received bytes.
    arrival = bufferedBytes > 0 ? lastArrival : nil
    requests.append(request)
    return request
  }

  /// - Returns: the request if it was in flight, with the reservation for its reply.
  func end(_ id: UInt64) -> RequestUnderWay? {
    guard let index = requests.firstIndex(where: { $0.id == id }) else { return nil }
    let request = requests.remove(at: index)
    request.record.cancellation.cancel()
    return request
  }

  /// - Parameter incomplete: makes the record of a call's single request if its message is not complete.
  /// - Returns: the requests that were in flight, or that one.
  func endAll(incomplete: () -> RequestRecord) -> [RequestRecord] {
    share?.release()
    let ended = requests
    requests = []
    for request in ended {
      request.record.cancellation.cancel()
      request.reservation.release()
    }
    let isIncomplete = headers.method.takesOneRequest && lastID == 0
    return isIncomplete ? [incomplete()] : ended.map(\.record)
  }

  /// Closes the window. A message that its own call holds back has no claim to continue before others.
  func holdBack() {
    guard !isHeldBack else { return }
    isHeldBack = true
    share?.isComplete(bytes: bufferedBytes)
  }

  /// Ends ``holdBack()``.
  func letOn() {
    guard isHeldBack else { return }
    isHeldBack = false
    share?.release()
    share = nil
    isWaitingForBudget = false
    countRest()
  }

  private func countRest() {
    guard bufferedBytes > 0 else { return }
    share = budget.share()
    share?.received(bufferedBytes)
  }

  private var bufferedBytes: Int {
    let bytes =
      switch body {
      case .unary(let unary): unary.bufferedBytes
      case .stream(let reader): reader.bufferedBytes
      }
    return bytes + (kept?.bytes.readableBytes ?? 0)
  }

  /// A placeholder during a change of the body, so that its bytes have one owner.
  private static let none = MessageReader(encoding: .identity, maxMessageBytes: 0)
}
