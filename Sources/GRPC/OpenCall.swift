import NIOCore

/// A call whose method is known: what has arrived of its requests, and which are under way.
///
/// A class, so that its bytes are never copied to be added to.
final class OpenCall {
  private enum Body {
    case unary(UnaryBody)
    case stream(MessageReader)
  }

  /// A request that is under way.
  struct RequestUnderWay {
    let id: UInt64
    let record: RequestRecord
    let reservation: SendBudget.Reservation
  }

  let headers: CallHeaders
  private let budget: ReceiveBudget
  private let sendBudget: SendBudget
  private var body: Body
  /// A message that has come and may not begin yet.
  private var kept: ReceivedMessage?
  /// Of the message that is arriving.
  private(set) var share: ReceiveBudget.Share?
  /// Bytes received by which the client's window has not opened again.
  var heldBytes = 0
  var isWaitingForBudget = false
  /// The window stays shut until a request is answered or replies are read.
  private(set) var isHeldBack = false
  /// Few, so that they are searched for from the first on.
  private(set) var requests: [RequestUnderWay] = []
  private var lastID: UInt64 = 0
  var hasSentHeaders = false
  private var receivedBytes = 0
  private var progress = MessageProgress()
  private let isFollowed: Bool
  /// When the first bytes came of what is arriving, where that is asked for: of the call, if it takes one request.
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

  /// Whether all requests of a stream have come and been answered.
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

  /// The next request's message, once it is complete; nil before.
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

  /// Puts a message back that must wait.
  func keep(_ message: ReceivedMessage) {
    kept = message
    holdBack()
  }

  /// Whether a message waits that has come.
  var isKeeping: Bool { kept != nil }

  /// The share of the budget that goes with a message that was just taken; what has arrived behind it has its own.
  func shareOfNextMessage(_ message: ReceivedMessage) -> ReceiveBudget.Share {
    let taken = share ?? budget.share()
    taken.isComplete(bytes: message.bytes.readableBytes + MessageFraming.prefixBytes)
    share = nil
    // What waited was that message.
    isWaitingForBudget = false
    countRest()
    return taken
  }

  /// - Returns: false where a message that the client has begun to send makes no progress.
  func isReceiving(at now: NIODeadline, within limit: TimeAmount) -> Bool {
    let isAwaited = isInsideMessage && !isHeldBack && !isWaitingForBudget
    return progress.isAlive(received: receivedBytes, isAwaited: isAwaited, limit: limit, at: now)
  }

  /// Of a call that takes one message, from its beginning until it has come; of a stream, while a part of one is there.
  private var isInsideMessage: Bool {
    switch body {
    case .unary(let unary): !unary.hasEnded
    case .stream(let reader): reader.bufferedBytes > 0
    }
  }

  /// Counts a request as under way.
  func begin(at time: NIODeadline, trail: (any RequestTrail)?) -> RequestUnderWay {
    lastID += 1
    let request = RequestUnderWay(
      id: lastID, record: RequestRecord(route: headers.route.number, start: time, trail: trail),
      reservation: sendBudget.reservation())
    // The next message began in what came last, if it has begun.
    arrival = bufferedBytes > 0 ? lastArrival : nil
    requests.append(request)
    return request
  }

  /// - Returns: the request, if it was under way, and what was reserved for its reply.
  func end(_ id: UInt64) -> RequestUnderWay? {
    guard let index = requests.firstIndex(where: { $0.id == id }) else { return nil }
    let request = requests.remove(at: index)
    request.record.cancellation.cancel()
    return request
  }

  /// - Parameter incomplete: makes the only request of a call whose message is not complete.
  /// - Returns: the requests that were under way, or that one.
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

  /// Shuts the window. A message that is held back by its own call has no claim to be let on before others.
  func holdBack() {
    guard !isHeldBack else { return }
    isHeldBack = true
    share?.isComplete(bytes: bufferedBytes)
  }

  /// Ends what ``holdBack()`` began.
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

  /// Stands in while a body is changed, so that its bytes have one owner.
  private static let none = MessageReader(encoding: .identity, maxMessageBytes: 0)
}
