import Testing

@testable import Tokenizer

struct TruncationTests {
  @Test func `An empty or blank text is two tokens`() {
    for text in ["", " ", "\n\u{A0}\u{3000}", "\u{0}\u{301}"] {
      #expect(bert.encode(text, maxTokens: 512) == TokenSequence(ids: [101, 102], truncated: false))
      #expect(bert.encode(text, maxTokens: 2) == TokenSequence(ids: [101, 102], truncated: false))
    }
  }

  @Test func `A text that just fits is whole`() {
    #expect(bert.encode("a a a", maxTokens: 5) == TokenSequence(ids: [101, 1037, 1037, 1037, 102], truncated: false))
  }

  @Test func `A longer one loses its end and keeps the final separator`() {
    #expect(bert.encode("a a a", maxTokens: 4) == TokenSequence(ids: [101, 1037, 1037, 102], truncated: true))
    #expect(bert.encode("a", maxTokens: 2) == TokenSequence(ids: [101, 102], truncated: true))
  }

  @Test func `A word may be cut between its pieces`() {
    let whole = bert.encode("electroencephalography", maxTokens: 512)
    #expect(whole.ids.count > 4)
    #expect(bert.encode("electroencephalography", maxTokens: 4).ids == Array(whole.ids.prefix(3)) + [102])
  }

  @Test func `White space beyond the limit truncates nothing`() {
    #expect(!bert.encode("a a  \n", maxTokens: 4).truncated)
    #expect(bert.encode("a a  \n[SEP]", maxTokens: 4).truncated)
  }

  @Test func `What lies far beyond the limit does not matter`() {
    let text = String(repeating: "word ", count: 800_000)
    let sequence = bert.encode(text, maxTokens: 512)
    #expect(sequence.truncated)
    #expect(sequence.ids.count == 512)
  }
}
