import HTTP2
import NIOCore

/// One request of a call as its handler sees it, on any thread.
///
/// A class, as it goes from closure to closure: a copy of so many references would cost more than all that is done
/// with them.
public final class Request: Sendable {
  /// Its number in its call.
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

  /// Where to tell what the request goes through; nil where it is not followed.
  public var trail: (any RequestTrail)? { record.trail }

  /// Bytes of the message; nil where it is compressed.
  public var plainMessageBytes: Int? { received.isCompressed ? nil : received.bytes.readableBytes }

  /// The message, without its frame, decompressed.
  /// - Throws: ``Status`` where it was refused, or cannot be decompressed within the limit.
  public func message() throws(Status) -> ByteBuffer {
    if let refusal = received.refusal { throw refusal }
    guard received.isCompressed else { return received.bytes }
    return try headers.encoding.decompress(received.bytes, maxMessageBytes: maxMessageBytes)
  }

  /// The client's metadata of a name; the first where there are several.
  public func metadata(_ name: String) -> String? { headers.fields.first(name) }

  /// Notes what the request is about, for who counts requests.
  /// - Parameter topic: a number of a list that the methods keep, from 1.
  public func note(topic: Int) {
    record.note(topic: topic)
  }

  /// Gives the message's bytes back to the server's budget: to be called as soon as they are not needed any more. They
  /// are given back with the last reference to the request, too.
  public func messageIsConsumed() {
    share.release()
  }

  /// Counts the message as what has become of it, until it is consumed.
  /// - Parameter bytes: what is held of it.
  public func messageIsHeld(bytes: Int) {
    share.isComplete(bytes: bytes)
  }

  /// Takes room for a reply out of the server's budget; it is given back when the reply has gone, or the call ends.
  /// - Parameter bytes: what will be held until then, at most.
  /// - Returns: false where there is no room.
  public func reserveReply(bytes: Int) -> Bool { reservation.reserve(bytes) }

  /// Answers the request. The first answer counts; after the call's end nothing happens.
  ///
  /// A failure ends the call, on streams too: a reply that tells of one lets a stream live on.
  /// - Parameter status: what such a reply tells.
  public func respond(_ result: Result<ByteBuffer, Status>, telling status: Status = .ok) {
    let framed = result.flatMap(frame)
    let (call, id) = (call, id)
    eventLoop.execute { call.value.complete(id, framed, telling: status) }
  }

  /// Sends a reply with others to follow.
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
