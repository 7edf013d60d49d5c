import Testing

@testable import Tokenizer

struct LowercasingTests {
  /// By Python's `str.lower()`.
  @Test(arguments: [
    ("Graph", "graph"), ("ΣΟΦΟΣ", "σοφος"), ("Σ", "σ"), ("ΑΣ.", "ας."), ("ΑΣ'Α", "ας'α".replacing("ς", with: "σ")),
    ("ΑΣ'", "ας'"), ("Α'Σ", "α'ς"), ("'Σ", "'σ"), ("1Σ", "1σ"), ("aΣb", "aσb"), ("aΣ b", "aς b"), ("ΑΣΣ", "ασς"),
    ("a\u{300}Σ\u{301}", "a\u{300}ς\u{301}"), ("a\u{300}Σ\u{301}b", "a\u{300}σ\u{301}b"), ("İ", "i\u{307}"),
    ("ẞ Ǆ K", "ß ǆ k"), ("[SEP]", "[sep]"), ("", ""),
  ])
  func `As Python has it`(text: String, lowered: String) {
    #expect(Array(BertTokenizer.lowercased(text).utf8) == Array(lowered.utf8))
  }

  @Test func `Lower case before all else leaves special tokens`() throws {
    let config = #"{"do_lower_case": false}"#
    let tokenizer = try RuleFolder.tokenizer(config: config, lowercasesFirst: true)
    #expect(tokenizer.content("Graph[SEP]CAFÉ") == RuleFolder.ids("graph", "[SEP]", "café"))
    #expect(!tokenizer.isCased)
  }
}
