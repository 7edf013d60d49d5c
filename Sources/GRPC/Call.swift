import HTTP2
import NIOCore

/// What all calls of a server share.
public struct CallSettings: Sendable {
  /// The longest message, in bytes, both ways.
  public var maxMessageBytes: Int
  public var receiveBudget: ReceiveBudget

  public init(maxMessageBytes: Int, receiveBudget: ReceiveBudget) {
    self.maxMessageBytes = maxMessageBytes
    self.receiveBudget = receiveBudget
  }
}

/// One unary gRPC call on one HTTP/2 stream: headers, one message, one answer.
///
/// It lives on the connection's event loop; the method runs elsewhere and answers through ``UnaryCall``.
public final class Call: StreamHandler {
  private enum State {
    case awaitingHeaders
    case receiving(Receiving)
    /// The method has the message.
    case handling
    case finished
  }

  /// A request that has not arrived whole. A class, so that its bytes are never copied to be added to.
  private final class Receiving {
    let handler: UnaryHandler
    let share: ReceiveBudget.Share
    var request: UnaryRequest
    /// Bytes received by which the client's window has not opened again.
    var heldBytes = 0
    var isWaitingForBudget = false

    init(handler: @escaping UnaryHandler, share: ReceiveBudget.Share, request: UnaryRequest) {
      self.handler = handler
      self.share = share
      self.request = request
    }
  }

  private var state = State.awaitingHeaders
  private let stream: ServerStream
  private let router: Router
  private let settings: CallSettings
  private let eventLoop: any EventLoop
  private let cancellation = Cancellation()
  private var deadline: Scheduled<Void>?
  private var requestHasEnded = false

  static let deadlineExceeded = Status(.deadlineExceeded, "the deadline passed before the call was answered")

  public init(stream: ServerStream, router: Router, settings: CallSettings, eventLoop: any EventLoop) {
    self.stream = stream
    self.router = router
    self.settings = settings
    self.eventLoop = eventLoop
  }

  // MARK: The request

  public func received(headers fields: [HeaderField], endOfStream: Bool) {
    requestHasEnded = endOfStream
    do throws(CallHeaders.Refusal) {
      let headers = try CallHeaders(fields, router: router)
      let receiving = Receiving(
        handler: headers.handler, share: settings.receiveBudget.share(),
        request: UnaryRequest(maxMessageBytes: settings.maxMessageBytes))
      state = .receiving(receiving)
      if let timeout = headers.timeout { startDeadline(timeout) }
      if endOfStream { receivedEnd() }
    } catch {
      switch error {
      case .grpc(let status): finish(status)
      case .http(let status, let text): finishAsHTTP(status, text, isHead: fields.first(":method") == "HEAD")
      }
    }
  }

  public func receivedTooLargeHeaders() {
    finishAsHTTP(431, "the header block is too large\n", isHead: false)
  }

  public func received(data: ByteBuffer) {
    // What comes after the answer is dropped, and opens no window for more.
    guard case .receiving(let receiving) = state else { return }
    receiving.share.received(data.readableBytes)
    receiving.heldBytes += data.readableBytes
    receiving.request.append(data)
    advance(receiving)
    openWindow()
  }

  public func receivedEnd() {
    requestHasEnded = true
    guard case .receiving(let receiving) = state else { return }
    receiving.request.end()
    advance(receiving)
  }

  public func closed() {
    end()
  }

  private func advance(_ receiving: Receiving) {
    do throws(Status) {
      guard let message = try receiving.request.next() else { return }
      receiving.share.isComplete()
      state = .handling
      receiving.handler(
        UnaryCall(
          message: message, cancellation: cancellation, share: receiving.share, eventLoop: eventLoop,
          call: NIOLoopBound(self, eventLoop: eventLoop)))
    } catch {
      finish(error)
    }
  }

  /// Lets the client send as many bytes as have been taken, if the budget has room for them.
  private func openWindow() {
    guard case .receiving(let receiving) = state, !receiving.isWaitingForBudget else { return }
    let call = NIOLoopBound(self, eventLoop: eventLoop)
    let eventLoop = eventLoop
    receiving.isWaitingForBudget = !receiving.share.mayReceiveMore {
      eventLoop.execute { call.value.budgetHasRoom() }
    }
    if !receiving.isWaitingForBudget { consume(receiving) }
  }

  private func budgetHasRoom() {
    guard case .receiving(let receiving) = state else { return }
    receiving.isWaitingForBudget = false
    consume(receiving)
  }

  private func consume(_ receiving: Receiving) {
    stream.consumed(receiving.heldBytes)
    receiving.heldBytes = 0
  }

  private func startDeadline(_ timeout: TimeAmount) {
    let call = NIOLoopBound(self, eventLoop: eventLoop)
    deadline = eventLoop.scheduleTask(in: timeout) { call.value.finish(Self.deadlineExceeded) }
  }

  // MARK: The answer

  /// Answers the call with what its method made of it.
  func complete(_ result: Result<ByteBuffer, Status>) {
    guard case .handling = state else { return }
    switch result {
    case .failure(let status): finish(status)
    case .success(let message):
      guard message.readableBytes <= settings.maxMessageBytes else {
        finish(
          Status(
            .resourceExhausted,
            "the reply has \(message.readableBytes) bytes; the limit is \(settings.maxMessageBytes) "
              + "(--max-message-bytes): ask for fewer documents or a smaller format"))
        return
      }
      end()
      stream.send(headers: Self.responseHeaders)
      stream.send(MessageFraming.frame(message))
      stream.finish(trailers: Status.ok.trailers)
    }
  }

  /// Ends the call with a status and no message.
  private func finish(_ status: Status) {
    if case .finished = state { return }
    end()
    stream.send(headers: Self.responseHeaders + status.trailers, endOfStream: true)
    stopRequest()
  }

  /// Answers a request that is not gRPC.
  private func finishAsHTTP(_ code: Int, _ text: String, isHead: Bool) {
    end()
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

  /// Ends a stream whose client goes on sending behind a complete answer (RFC 9113, section 8.1). Not at once: there
  /// are clients that drop an answer which a reset follows closely.
  private func stopRequest() {
    guard !requestHasEnded else { return }
    let call = NIOLoopBound(self, eventLoop: eventLoop)
    eventLoop.scheduleTask(in: Self.lingerTime) { call.value.stream.reset(.noError) }
  }

  private static let lingerTime = TimeAmount.seconds(1)

  private func end() {
    if case .receiving(let receiving) = state { receiving.share.release() }
    state = .finished
    deadline?.cancel()
    cancellation.cancel()
  }

  private static let responseHeaders = [
    HeaderField(":status", "200"), HeaderField("content-type", "application/grpc"),
  ]
}
