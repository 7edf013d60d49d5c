import NIOCore
import TestSupport
import Testing

@testable import GRPC

/// Compressed messages. The end-to-end tests check compatibility with other implementations.
@Suite struct MessageEncodingTests {
  private static let text = ByteBuffer(bytes: (0..<5_000).map { UInt8(truncatingIfNeeded: $0 / 7) })

  private static func refusal(
    _ encoding: MessageEncoding, _ bytes: ByteBuffer, maxMessageBytes: Int = 5_000
  ) throws -> Status {
    try #require(throws: Status.self) { try encoding.decompress(bytes, maxMessageBytes: maxMessageBytes) }
  }

  @Test(arguments: [MessageEncoding.gzip, .deflate])
  func aMessageReadsBack(encoding: MessageEncoding) throws {
    let compressed = try #require(encoding.compress(Self.text))
    #expect(compressed.readableBytes < Self.text.readableBytes / 2)
    #expect(try encoding.decompress(compressed, maxMessageBytes: 5_000) == Self.text, "exactly the limit")
  }

  @Test(arguments: [MessageEncoding.gzip, .deflate])
  func bytesThatDoNotCompressReadBack(encoding: MessageEncoding) throws {
    var generator = SeededGenerator(seed: 3)
    let noise = ByteBuffer(bytes: (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &generator) })
    let compressed = try #require(encoding.compress(noise))
    #expect(try encoding.decompress(compressed, maxMessageBytes: 100_000) == noise)
  }

  @Test(arguments: [MessageEncoding.gzip, .deflate])
  func aMessageThatGrowsBeyondTheLimitIsRefused(encoding: MessageEncoding) throws {
    let bomb = try #require(encoding.compress(ByteBuffer(repeating: 0, count: 10_000_000)))
    let status = try Self.refusal(encoding, bomb)
    #expect(status.code == .resourceExhausted)
    #expect(status.message.contains("5000") && status.message.contains("\(bomb.readableBytes)"))
    #expect(
      try Self.refusal(encoding, try #require(encoding.compress(Self.text)), maxMessageBytes: 4_999).code
        == .resourceExhausted)
  }

  @Test(arguments: [MessageEncoding.gzip, .deflate])
  func aMessageThatIsCutOrContinuedIsInternal(encoding: MessageEncoding) throws {
    var compressed = try #require(encoding.compress(Self.text))
    for count in 0..<compressed.readableBytes {
      let cut = compressed.getSlice(at: compressed.readerIndex, length: count)!
      #expect(try Self.refusal(encoding, cut).code == .internal)
    }
    compressed.writeInteger(UInt8(0))
    #expect(try Self.refusal(encoding, compressed).code == .internal)
  }

  @Test func theOtherFormatIsInternal() throws {
    let gzip = try #require(MessageEncoding.gzip.compress(Self.text))
    #expect(try Self.refusal(.deflate, gzip).code == .internal)
    #expect(try Self.refusal(.identity, gzip).code == .internal)
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func anyBytesAreReadOrRefused(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var bytes = Array(try #require(MessageEncoding.gzip.compress(Self.text)).readableBytesView)
    for _ in 0..<200 {
      let index = bytes.indices.randomElement(using: &generator)!
      let old = bytes[index]
      bytes[index] = UInt8.random(in: 0...255, using: &generator)
      let message = try? MessageEncoding.gzip.decompress(ByteBuffer(bytes: bytes), maxMessageBytes: 5_000)
      #expect((message?.readableBytes ?? 0) <= 5_000)
      bytes[index] = old
    }
  }

  @Test(
    arguments: [
      ("identity,deflate,gzip", MessageEncoding.gzip), ("gzip", .gzip), (" gzip ", .gzip), ("identity , gzip", .gzip),
      ("identity", .identity), ("", .identity), ("xgzip", .identity),
    ])
  func repliesAreCompressedWhereTheClientReadsIt(accepted: String, encoding: MessageEncoding) {
    #expect(MessageEncoding.gzip.forReplies(accepted: accepted) == encoding)
    #expect(MessageEncoding.identity.forReplies(accepted: accepted) == .identity)
  }

  @Test func aClientThatDoesNotSayGetsPlainReplies() {
    #expect(MessageEncoding.gzip.forReplies(accepted: nil) == .identity)
  }
}
