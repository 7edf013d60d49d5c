import TestSupport
import Testing

@testable import Messages

/// A message that arrives in pieces is judged like a whole one, and as early as possible.
@Suite struct WireScanPiecesTests {
  /// - Returns: the fault, if there is one, and the number of bytes after which it was known.
  private static func scan(
    _ message: [UInt8], cuts: [Int], maxDocuments: Int = 8
  ) -> (error: WireError?, knownAfter: Int) {
    var scan = WireScan(.encodeRequest, maxDocuments: maxDocuments)
    var start = 0
    do throws(WireError) {
      for end in cuts + [message.count] {
        defer { start = end }
        try scan.scan(Array(message[start..<end]).span)
      }
      try scan.finish()
      return (nil, start)
    } catch {
      return (error, start)
    }
  }

  private static let texts = ["", "a", "é", "語", "🧬 cells", "naïve 測試 𝒳"]

  @Test func everyCutGivesTheSameVerdict() {
    let texts = Self.texts.map { RequestBytes.encode(documents: [RequestBytes.document(.text($0))]) }
    for message in [RequestBytes.fullEncode] + texts {
      for cut in 0...message.count { #expect(Self.scan(message, cuts: [cut]).error == nil) }
      #expect(Self.scan(message, cuts: Array(message.indices)).error == nil)
    }
  }

  @Test(arguments: 0..<50)
  func damagedMessagesGetTheSameVerdictInPieces(seed: Int) {
    var generator = SeededGenerator(seed: UInt64(seed))
    for _ in 0..<40 {
      let texts = (0..<5).map { _ in RequestBytes.document(.text(Self.texts.randomElement(using: &generator) ?? "")) }
      let times = Int.random(in: 1...4, using: &generator)
      let message = Mutation.apply(to: RequestBytes.encode(documents: texts), times: times, using: &generator)
      let whole = Self.scan(message, cuts: []).error
      let cuts = (0..<4).map { _ in Int.random(in: 0...message.count, using: &generator) }.sorted()
      let inPieces = Self.scan(message, cuts: cuts).error
      #expect((inPieces == nil) == (whole == nil), "\(message) cut at \(cuts)")
      #expect(inPieces?.field == whole?.field, "\(message) cut at \(cuts)")
    }
  }

  @Test func aBombIsKnownAfterItsFirstBytes() {
    let bomb = RequestBytes.encode(documents: Array(repeating: [], count: 100_000))
    let verdict = Self.scan(bomb, cuts: Array(stride(from: 100, to: bomb.count, by: 100)), maxDocuments: 1_024)
    #expect(verdict.error?.field == "documents")
    #expect(verdict.knownAfter < 3_000)
  }

  /// The scan does not wait for the rest of a scalar that can no longer be valid.
  @Test(arguments: [[0xed], [0xf0, 0x9f], [0xf0, 0x9f, 0xa7]] as [[UInt8]])
  func aBrokenScalarIsKnownAtOnce(begun: [UInt8]) {
    var text = TextScan()
    #expect(throws: Never.self) { try text.scan(begun.span) }
    #expect(throws: TextScan.Fault.self) { try text.scan([0x1b].span) }
  }

  /// Invalid bytes are in different pieces, or at the boundary between two.
  @Test func aTextIsJudgedAcrossPieces() {
    let cases: [([[UInt8]], isRight: Bool)] = [
      ([[0xf0], [0x9f], [0xa7], [0xac]], true), ([[0xe8, 0xaa], [0x9e]], true), ([[0xc3], [], [0xa9]], true),
      ([[0x61, 0xf0, 0x9f], [0x61]], false), ([[0xed], [0xa0, 0x80]], false), ([[0xf0], [0x8f, 0xbf, 0xbf]], false),
      ([[0xc3], [0x28]], false), ([[0x80]], false), ([[0x61], [0x00]], false), ([[0xe8, 0xaa]], false),
      ([[0xf4], [0x90], [0x80, 0x80]], false), ([[0xff], [0x61]], false), ([[0xc0], [0x80]], false),
    ]
    for (pieces, isRight) in cases {
      var text = TextScan()
      var isAccepted = true
      do throws(TextScan.Fault) {
        for piece in pieces { try text.scan(piece.span) }
        try text.finish()
      } catch {
        isAccepted = false
      }
      #expect(isAccepted == isRight, "\(pieces)")
    }
  }
}
