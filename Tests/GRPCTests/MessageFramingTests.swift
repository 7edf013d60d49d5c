import NIOCore
import Testing

@testable import GRPC

/// The five-byte prefix of a message.
@Suite struct MessageFramingTests {
  @Test func aFramedMessageReadsBack() throws {
    for count in [0, 1, 255, 256, 70_000] {
      let message = ByteBuffer(repeating: 7, count: count)
      var framed = MessageFraming.frame(message)
      #expect(framed.readableBytes == count + 5)
      let prefix = try MessageFraming.readPrefix(from: &framed, encoding: .identity, maxMessageBytes: count)
      #expect(prefix?.length == count && prefix?.isCompressed == false)
      #expect(framed == message)
    }
  }

  @Test(arguments: 0..<5)
  func aPartOfAPrefixIsLeftForLater(count: Int) throws {
    var buffer = ByteBuffer(bytes: [0, 0, 0, 1, 0].prefix(count))
    #expect(try MessageFraming.readPrefix(from: &buffer, encoding: .gzip, maxMessageBytes: 1_000) == nil)
    #expect(buffer.readableBytes == count)
  }

  @Test func aCompressedMessageNeedsACallWithAnEncoding() throws {
    var buffer = ByteBuffer(bytes: [1, 0, 0, 0, 3])
    let prefix = try MessageFraming.readPrefix(from: &buffer, encoding: .gzip, maxMessageBytes: 3)
    #expect(prefix?.isCompressed == true && prefix?.length == 3)
  }

  @Test func onlyLongMessagesAreCompressed() throws {
    for (count, flag) in [(10, 0), (10_000, 1)] as [(Int, UInt8)] {
      let framed = MessageFraming.frame(ByteBuffer(repeating: 7, count: count), encoding: .gzip)
      #expect(framed.readableBytesView.first == flag)
      #expect(framed.readableBytes < 200)
    }
  }

  @Test(arguments: [1, 2, 255] as [UInt8])
  func aCompressedMessageIsRefusedElsewhere(flag: UInt8) throws {
    var buffer = ByteBuffer(bytes: [flag, 0, 0, 0, 0])
    let status = try #require(throws: Status.self) {
      try MessageFraming.readPrefix(from: &buffer, encoding: .identity, maxMessageBytes: 1_000)
    }
    #expect(status.code == .internal)
    #expect(status.message.contains("compressed"))
  }

  @Test(arguments: [11, 1 << 20, UInt32.max])
  func aMessageBeyondTheLimitIsRefusedByItsPrefix(length: UInt32) throws {
    var buffer = ByteBuffer()
    buffer.writeMultipleIntegers(UInt8(0), length)
    let status = try #require(throws: Status.self) {
      try MessageFraming.readPrefix(from: &buffer, encoding: .identity, maxMessageBytes: 10)
    }
    #expect(status.code == .resourceExhausted)
    #expect(status.message.contains("\(length)") && status.message.contains("10"))
  }
}
