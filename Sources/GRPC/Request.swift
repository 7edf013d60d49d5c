import HTTP2
import NIOCore

/// One request of a call, as its handler sees it on any thread.
///
/// This is a class, because it is passed from closure to closure: copying so many references would cost more than all
/// work with them.
public final class Request: Sendable {
  /// The request's number in its call.
  private let id: UInt64
  private let record: RequestRecord
  private let headers: CallHeaders
  private let received: ReceivedMessage
  private let share: ReceiveBudget.Share
  private let reservation: SendBudget.Reservation
  private let maxMessageBytes: Int
  private let eventLoop: any EventLoop
  private let call: NIOLoopBound<Call>
  /// The number of the client's connection.
  public let connection: UInt64

  init(
    _ request: OpenCall.RequestUnderWay, headers: CallHeaders, received: ReceivedMessage, share: ReceiveBudget.Share,
    maxMessageBytes: Int, connection: UInt64, call: NIOLoopBound<Call>, eventLoop: any EventLoop
  ) {
    (id, record, reservation) = (request.id, request.record, request.reservation)
    self.headers = headers
    self.received = received
    self.share = share
    self.maxMessageBytes = maxMessageBytes
    self.connection = connection
    self.call = call
    self.eventLoop = eventLoop
  }

  /// Cancelled when the request is answered, and when the client or the deadline ends the call.
  public var cancellation: Cancellation { record.cancellation }

  /// Receives the stages of the request; nil if the request is not followed.
  public var trail: (any RequestTrail)? { record.trail }

  /// The size of the message in bytes; nil if it is compressed.
  public var plainMessageBytes: Int? { received.isCompressed ? nil : received.bytes.readableBytes }

  /// The message, without its frame, decompressed.
  /// - Throws: ``Status`` if it was refused, or cannot be decompressed within the limit.
  public func message() throws(Status) -> ByteBuffer {
    if let refusal = received.refusal { throw refusal }
    guard received.isCompressed else { return received.bytes }
    return try headers.encoding.decompress(received.bytes, maxMessageBytes: maxMessageBytes)
  }

  /// The client's metadata with a name; the first value if there are several.
  public func metadata(_ name: String) -> String? { headers.fields.first(name) }

  /// Records the request's topic for observers.
  /// - Parameter topic: a number, from 1, in a list that the methods keep.
  public func note(topic: Int) {
    record.note(topic: topic)
  }

  /// Returns the message's bytes to the server's budget. Call this as soon as the bytes are no longer needed. The last
  /// reference to the request also returns them.
  public func messageIsConsumed() {
    share.release()
  }

  /// Counts the message as the data that was made from it, until that is consumed.
  /// - Parameter bytes: the size of this data.
  public func messageIsHeld(bytes: Int) {
    share.isComplete(bytes: bytes)
  }

  /// Reserves room for a reply in the server's budget. It is returned when the reply has left, or the call ends.
  /// - Parameter bytes: the most bytes held until then.
  /// - Returns: false if there is no room.
  public func reserveReply(bytes: Int) -> Bool { reservation.reserve(bytes) }

  /// Answers the request. Only the first answer counts; after the call's end, nothing happens.
  ///
  /// A failure ends the call, even on a stream. To let a stream continue, answer with a reply that contains the
  /// failure.
  /// - Parameter status: the status that such a reply contains.
  public func respond(_ result: Result<ByteBuffer, Status>, telling status: Status = .ok) {
    let framed = result.flatMap(frame)
    let (call, id) = (call, id)
    eventLoop.execute { call.value.complete(id, framed, telling: status) }
  }

  /// Sends a reply, after which others follow.
  public func send(_ message: ByteBuffer) {
    let framed = frame(message)
    let (call, id) = (call, id)
    eventLoop.execute { call.value.send(id, framed) }
  }

  private func frame(_ message: ByteBuffer) -> Result<ByteBuffer, Status> {
    guard message.readableBytes <= maxMessageBytes else {
      return .failure(
        Status(
          .resourceExhausted,
          "the reply has \(message.readableBytes) bytes; the limit is \(maxMessageBytes) "
            + "(--max-message-bytes): ask for fewer documents or a smaller format",
          refusal: .replyTooLarge))
    }
    return .success(MessageFraming.frame(message, encoding: headers.replyEncoding))
  }
}
