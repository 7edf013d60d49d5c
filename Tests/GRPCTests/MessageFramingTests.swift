import NIOCore
import Testing

@testable import GRPC

/// The five bytes in front of a message.
@Suite struct MessageFramingTests {
  @Test func aFramedMessageReadsBack() throws {
    for count in [0, 1, 255, 256, 70_000] {
      let message = ByteBuffer(repeating: 7, count: count)
      var framed = MessageFraming.frame(message)
      #expect(framed.readableBytes == count + 5)
      #expect(try MessageFraming.readPrefix(from: &framed, maxMessageBytes: count) == count)
      #expect(framed == message)
    }
  }

  @Test(arguments: 0..<5)
  func aPartOfAPrefixIsLeftForLater(count: Int) throws {
    var buffer = ByteBuffer(bytes: [0, 0, 0, 1, 0].prefix(count))
    #expect(try MessageFraming.readPrefix(from: &buffer, maxMessageBytes: 1_000) == nil)
    #expect(buffer.readableBytes == count)
  }

  @Test(arguments: [1, 2, 255] as [UInt8])
  func aCompressedMessageIsRefused(flag: UInt8) throws {
    var buffer = ByteBuffer(bytes: [flag, 0, 0, 0, 0])
    let status = try #require(throws: Status.self) {
      try MessageFraming.readPrefix(from: &buffer, maxMessageBytes: 1_000)
    }
    #expect(status.code == .internal)
    #expect(status.message.contains("compressed"))
  }

  @Test(arguments: [11, 1 << 20, UInt32.max])
  func aMessageBeyondTheLimitIsRefusedByItsPrefix(length: UInt32) throws {
    var buffer = ByteBuffer()
    buffer.writeMultipleIntegers(UInt8(0), length)
    let status = try #require(throws: Status.self) {
      try MessageFraming.readPrefix(from: &buffer, maxMessageBytes: 10)
    }
    #expect(status.code == .resourceExhausted)
    #expect(status.message.contains("\(length)") && status.message.contains("10"))
  }
}
