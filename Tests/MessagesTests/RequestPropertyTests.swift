import Messages
import NIOCore
import TestSupport
import Testing

/// Damaged messages are refused or read as the protobuf specification requires, and never cause a crash.
@Suite struct RequestPropertyTests {
  private static let rounds = 20_000

  @Test func damagedEncodeRequestsAreRefusedOrReadRight() {
    var generator = SeededGenerator(seed: 21)
    var accepted = 0
    for _ in 0..<Self.rounds {
      let bytes = Mutation.apply(
        to: RequestBytes.fullEncode, times: Int.random(in: 0...4, using: &generator), using: &generator)
      guard let request = try? RequestBytes.read(bytes) else { continue }
      accepted += 1
      #expect(DecodedEncode(request) == ReferenceDecoder.encodeRequest(bytes), "\(bytes)")
    }
    #expect(accepted > Self.rounds / 10)
  }

  @Test func damagedRankRequestsAreRefusedOrReadRight() {
    var generator = SeededGenerator(seed: 22)
    var accepted = 0
    for _ in 0..<Self.rounds {
      let bytes = Mutation.apply(
        to: RequestBytes.fullRank, times: Int.random(in: 0...4, using: &generator), using: &generator)
      guard let request = try? RequestBytes.readRank(bytes) else { continue }
      accepted += 1
      #expect(DecodedRank(request) == ReferenceDecoder.rankRequest(bytes), "\(bytes)")
    }
    #expect(accepted > Self.rounds / 10)
  }

  @Test func randomBytesNeverCrash() {
    var generator = SeededGenerator(seed: 23)
    for _ in 0..<Self.rounds {
      let count = Int.random(in: 0...40, using: &generator)
      let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
      if let request = try? RequestBytes.read(bytes) {
        #expect(DecodedEncode(request) == ReferenceDecoder.encodeRequest(bytes), "\(bytes)")
      }
      _ = try? GetModelRequest(wire: ByteBuffer(bytes: bytes))
    }
  }
}
