import Testing

@testable import Tokenizer

struct NormalizationTests {
  @Test(arguments: [
    ("Attention Is All You Need", "attention is all you need"),
    ("naïve RÉSUMÉ Ångström", "naive resume angstrom"),
    ("nai\u{308}ve", "naive"),
    ("tab\tnew\nline\r\nno-break\u{A0}ideographic\u{3000}end", "tab new line no-break ideographic end"),
    ("zero\u{200B}width\u{FEFF} nul\u{0} replacement\u{FFFD}", "zerowidth nul replacement"),
    ("vertical\u{B}tab next\u{85}line", "verticaltab nextline"),
    ("\u{212A}elvin ≠ 1", "kelvin = 1"),
    ("İstanbul", "istanbul"),
    ("ΣΟΦΟΣ", "σοφοσ"),
  ])
  func `Uncased text reads as its plain form`(text: String, plain: String) {
    #expect(bert.content(text) == bert.content(plain))
    #expect(!bert.content(plain).contains(100))
  }

  @Test func `Punctuation stands alone`() {
    #expect(bert.content("state-of-the-art (SOTA)!") == bert.content("state - of - the - art ( sota ) !"))
    #expect(bert.content("a，b。c") == bert.content("a ， b 。 c"))
  }

  @Test func `Ideographs stand alone, kana do not`() throws {
    let tokenizer = try tokenizer(["vocab.txt": vocabulary("漢", "字", "##字", "かな", "a")])
    #expect(tokenizer.content("a漢字かな") == [9, 5, 6, 8])
  }

  @Test func `Ideographs can be left in their words`() throws {
    let tokenizer = try tokenizer([
      "vocab.txt": vocabulary("漢", "字", "##字"),
      "tokenizer_config.json": #"{"tokenize_chinese_chars": false}"#,
    ])
    #expect(tokenizer.content("漢字") == [5, 7])
  }

  @Test func `A Hangul syllable is read as its jamo`() throws {
    let tokenizer = try tokenizer(["vocab.txt": vocabulary("\u{1100}", "##\u{1161}", "##\u{11A8}")])
    #expect(tokenizer.content("가 각 가가") == [5, 6, 5, 6, 7, 1])
  }

  @Test func `Combining characters that stay are put in canonical order`() throws {
    // U+1D16D has combining class 226, U+1D165 216: the lower is sorted first, but not across a letter.
    let tokenizer = try tokenizer([
      "vocab.txt": vocabulary("a", "##b", "##\u{1D165}", "##\u{1D16D}", "a\u{1D165}\u{1D16D}")
    ])
    #expect(tokenizer.content("a\u{1D16D}\u{1D165}") == [9])
    #expect(tokenizer.content("a\u{1D16D}b\u{1D165}") == [5, 8, 6, 7])
    #expect(tokenizer.content("a\u{1D16D}\u{1D165}\u{1D165}") == [5, 7, 7, 8])
  }

  @Test func `Cased text keeps case and accents`() throws {
    let tokenizer = try tokenizer([
      "vocab.txt": vocabulary("Paris", "paris", "é", "e", "e\u{301}"),
      "tokenizer_config.json": #"{"do_lower_case": false}"#,
    ])
    #expect(tokenizer.isCased)
    #expect(tokenizer.content("Paris paris PARIS é e\u{301}") == [5, 6, 1, 7, 9])
  }

  @Test func `Accents can be kept while case goes, and the other way round`() throws {
    let words = vocabulary("é", "e", "É", "E")
    let lower = try tokenizer([
      "vocab.txt": words, "tokenizer_config.json": #"{"do_lower_case": true, "strip_accents": false}"#,
    ])
    #expect(lower.content("É E") == [5, 6])
    let stripped = try tokenizer([
      "vocab.txt": words, "tokenizer_config.json": #"{"do_lower_case": false, "strip_accents": true}"#,
    ])
    #expect(stripped.content("É E é") == [8, 8, 6])
  }
}
