import Testing

@testable import Tokenizer

struct RefusalTests {
  /// Expects an error about the file of this name, with a reason that contains the given words.
  private func expectRefusal(
    of file: String, because words: String, _ files: [String: String], location: SourceLocation = #_sourceLocation
  ) throws {
    do {
      _ = try tokenizer(files)
      Issue.record("not refused", sourceLocation: location)
    } catch let error as TokenizerError {
      #expect(error.file == "m/" + file, sourceLocation: location)
      #expect(error.reason.contains(words), "\(error.reason)", sourceLocation: location)
      #expect(!error.description.contains("\n"), sourceLocation: location)
    }
  }

  @Test func `A folder without a vocabulary`() throws {
    #expect(
      throws: TokenizerError(file: "m", reason: "no vocabulary: neither vocab.txt nor tokenizer.json is there")
    ) {
      try tokenizer(["tokenizer_config.json": "{}"])
    }
  }

  @Test(arguments: ["", "\n", " \n\r\n\n"])
  func `An empty vocabulary`(content: String) throws {
    try expectRefusal(of: "vocab.txt", because: "empty", ["vocab.txt": content])
  }

  @Test(arguments: ["[UNK]", "[CLS]", "[SEP]"])
  func `A vocabulary without a token that is needed`(token: String) throws {
    let content = vocabulary("a").replacing(token, with: "x")
    try expectRefusal(of: "vocab.txt", because: "has no \(token)", ["vocab.txt": content])
  }

  @Test func `Bytes that are not UTF-8`() throws {
    var files = ["vocab.txt": Array("[UNK]\n[CLS]\n".utf8) + [0xC3, 0x28, 0x0A]]
    #expect(throws: TokenizerError(file: "m/vocab.txt", reason: "line 3 is not UTF-8")) {
      try BertTokenizer(files: TokenizerFiles(files, path: "m"))
    }
    files["tokenizer.json"] = [0xFF, 0xFE]
    #expect(throws: TokenizerError(file: "m/tokenizer.json", reason: "not UTF-8 at byte 0")) {
      try BertTokenizer(files: TokenizerFiles(files, path: "m"))
    }
  }

  @Test(arguments: ["", "{", #"{"a": 1}}"#, #"{"a": tru}"#, #"{"a": "\ud800"}"#, "{'a': 1}"])
  func `Invalid JSON`(content: String) throws {
    try expectRefusal(of: "tokenizer.json", because: "not valid JSON", ["tokenizer.json": content])
    try expectRefusal(
      of: "tokenizer_config.json", because: "not valid JSON",
      ["vocab.txt": vocabulary("a"), "tokenizer_config.json": content])
  }

  @Test(arguments: [
    (#"{"model": {"type": "BPE", "vocab": {}}}"#, "model type BPE"),
    (#"{"model": {"type": "WordPiece", "vocab": []}}"#, "model.vocab"),
    (#"{"model": {"type": "WordPiece"}}"#, "model.vocab"),
    (#"{"model": {"vocab": {"a": -1}}}"#, "\"a\""),
    (#"{"model": {"vocab": {"a": 1.5}}}"#, "\"a\""),
    (#"{"model": {"vocab": {}, "max_input_chars_per_word": 0}, WORDS}"#, "max_input_chars_per_word"),
    (#"{"model": {"vocab": {}}, "pre_tokenizer": {"type": "Whitespace"}}"#, "pre_tokenizer type Whitespace"),
    (#"{"model": {"vocab": {}}, "pre_tokenizer": null}"#, "pre_tokenizer type null"),
    (#"{"model": {"vocab": {}}, WORDS, "normalizer": {"type": "NFKC"}}"#, "normalizer type NFKC"),
    (#"{"model": {"vocab": {}}, WORDS, "normalizer": {"type": "BertNormalizer", "lowercase": 1}}"#, "lowercase"),
    (#"{"model": {"vocab": {}}, WORDS, "added_tokens": [{"content": "x"}]}"#, "added_tokens"),
    (#"{"model": {"vocab": {}}, WORDS, "post_processor": {"type": "RobertaProcessing"}}"#, "type RobertaProcessing"),
    (#"{"model": {"vocab": {}}, WORDS}"#, "empty"),
    ("{}", "no model"),
    ("[]", "not a JSON object but an array"),
  ])
  func `A tokenizer file that says what is not supported`(content: String, reason: String) throws {
    try expectRefusal(
      of: "tokenizer.json", because: reason,
      ["tokenizer.json": content.replacing("WORDS", with: #""pre_tokenizer": {"type": "BertPreTokenizer"}"#)])
  }

  @Test(arguments: [
    (#"{"do_lower_case": "yes"}"#, "do_lower_case"), ("[]", "not a JSON object"),
    (#"{"added_tokens_decoder": {"x": {"content": "y"}}}"#, "added_tokens_decoder"),
  ])
  func `A config that makes no sense`(content: String, reason: String) throws {
    try expectRefusal(
      of: "tokenizer_config.json", because: reason,
      ["vocab.txt": vocabulary("a"), "tokenizer_config.json": content])
  }
}
