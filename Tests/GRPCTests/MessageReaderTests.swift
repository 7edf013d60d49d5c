import NIOCore
import TestSupport
import Testing

@testable import GRPC

/// The body of a stream, in pieces of any size.
@Suite struct MessageReaderTests {
  private static let messages: [[UInt8]] = [[], [1], Array(0..<100), [], [7, 8]]
  private static let body = messages.flatMap { HTTP2Client.frame($0) }

  private static func read(
    _ pieces: some Sequence<ArraySlice<UInt8>>, encoding: MessageEncoding = .identity
  ) throws(Status) -> [[UInt8]] {
    var reader = MessageReader(encoding: encoding, maxMessageBytes: 100)
    var read: [[UInt8]] = []
    for piece in pieces {
      reader.append(ByteBuffer(bytes: piece))
      while let message = try reader.next() { read.append(Array(message.bytes.readableBytesView)) }
    }
    reader.end()
    while let message = try reader.next() { read.append(Array(message.bytes.readableBytesView)) }
    #expect(reader.isAtEnd)
    return read
  }

  @Test func messagesComeOutHoweverTheBodyIsCut() throws {
    let body = Self.body
    for cut in 0...body.count { #expect(try Self.read([body[..<cut], body[cut...]]) == Self.messages) }
    #expect(try Self.read(body.indices.map { body[$0...$0] }) == Self.messages)
  }

  @Test func aBodyWithoutMessagesIsNoError() throws {
    #expect(try Self.read([]).isEmpty)
  }

  @Test func aBodyThatEndsInsideAMessageIsInternal() throws {
    let starts = Self.messages.indices.map { index in
      Self.messages[..<index].reduce(0) { $0 + $1.count + MessageFraming.prefixBytes }
    }
    for count in 1..<Self.body.count where !starts.contains(count) {
      let status = try #require(throws: Status.self) { try Self.read([Self.body[..<count]]) }
      #expect(status.code == .internal, "cut at \(count)")
    }
  }

  @Test func bufferedBytesAreCounted() throws {
    var reader = MessageReader(encoding: .identity, maxMessageBytes: 100)
    reader.append(ByteBuffer(bytes: [0, 0, 0, 0, 3, 1, 2]))
    #expect(try reader.next()?.bytes == nil)
    #expect(reader.bufferedBytes == 7)
    reader.append(ByteBuffer(bytes: [3, 0, 0]))
    #expect(try reader.next() != nil)
    #expect(reader.bufferedBytes == 2)
  }

  /// Refuses messages that contain a 9.
  private struct NoNines: MessageInspector {
    func inspect(_ bytes: ByteBuffer) throws(Status) {
      if bytes.readableBytesView.contains(9) { throw Status(.invalidArgument, "a nine") }
    }
  }

  private static func inspecting() -> MessageReader {
    MessageReader(encoding: .identity, maxMessageBytes: 100) { NoNines() }
  }

  @Test func aMessageIsRefusedBeforeItsEndAndThrownAway() throws {
    var reader = Self.inspecting()
    let framed = HTTP2Client.frame([1, 2, 9, 4, 5, 6]) + HTTP2Client.frame([7])
    reader.append(ByteBuffer(bytes: framed[..<7]))
    #expect(try reader.next() == nil)
    #expect(reader.refusal == nil)
    reader.append(ByteBuffer(bytes: framed[7..<9]))
    #expect(try reader.next() == nil)
    #expect(reader.refusal?.message == "a nine")
    #expect(reader.bufferedBytes == MessageFraming.prefixBytes, "nothing of it is held")
    reader.append(ByteBuffer(bytes: framed[9...]))
    let refused = try #require(try reader.next())
    #expect(refused.refusal?.message == "a nine")
    #expect(refused.bytes.readableBytes == 0)
    let next = try #require(try reader.next())
    #expect(next.refusal == nil)
    #expect(Array(next.bytes.readableBytesView) == [7])
    reader.end()
    #expect(reader.isAtEnd)
  }

  @Test func aMessageThatComesAtOnceIsNotInspected() throws {
    var reader = Self.inspecting()
    reader.append(ByteBuffer(bytes: HTTP2Client.frame([9])))
    let message = try #require(try reader.next())
    #expect(Array(message.bytes.readableBytesView) == [9])
  }

  @Test func eachMessageHasItsOwnInspector() throws {
    var reader = Self.inspecting()
    for message in [[1, 2, 3], [4, 5, 6]] as [[UInt8]] {
      let framed = HTTP2Client.frame(message)
      reader.append(ByteBuffer(bytes: framed.dropLast()))
      #expect(try reader.next() == nil)
      reader.append(ByteBuffer(bytes: framed.suffix(1)))
      #expect(try reader.next().map { Array($0.bytes.readableBytesView) } == message)
    }
  }

  @Test func aCallOfOneMessageFailsAtOnce() throws {
    var body = UnaryBody(encoding: .identity, maxMessageBytes: 100) { NoNines() }
    body.append(ByteBuffer(bytes: HTTP2Client.frame([9, 9, 9]).dropLast()))
    #expect(throws: Status(.invalidArgument, "a nine")) { try body.next() }
  }
}
