import Testing

@testable import Tokenizer

struct DocumentFormatTests {
  @Test func `A paper is its title, a separator and its abstract`() {
    #expect(DocumentFormat.paper(title: "T", abstract: "A b.") == "T [SEP] A b.")
    #expect(bert.content(DocumentFormat.paper(title: "a", abstract: "b")) == [1037, 102, 1038])
  }

  @Test func `An empty abstract leaves the separator`() {
    let text = DocumentFormat.paper(title: "a", abstract: "")
    #expect(bert.encode(text, maxTokens: 512).ids == [101, 1037, 102, 102])
  }

  @Test func `An instruction stands in front`() {
    #expect(DocumentFormat.instructed("Find papers:", "x") == "Find papers: x")
  }
}
