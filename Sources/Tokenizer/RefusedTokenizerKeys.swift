import JSON

/// The keys of `tokenizer_config.json` that would change ids in an unsupported way.
enum RefusedTokenizerKeys {
  /// The keys in the order of the checks. A reason is a clause without a full stop.
  static let all: [(name: String, reason: String)] = [
    ("auto_map", "a tokenizer of its own Python code is not run"),
    ("init_inputs", "positional arguments of another class"),
    ("do_basic_tokenize", "false, for words would not be split from punctuation"),
    ("never_split", "words that are kept whole"),
    ("split_special_tokens", "true, for special tokens would be read as text"),
    ("add_bos_token", "true, for another token would stand in front"),
    ("add_eos_token", "true, for another token would stand at the end"),
    ("fast_tokenizer_files", "another file in the place of tokenizer.json"),
    ("from_slow", "true, for tokenizer.json would be passed over"),
    ("vocab_file", "a file elsewhere"),
    ("tokenizer_file", "a file elsewhere"),
  ]

  /// - Throws: ``TokenizerError`` for the first key whose value would change ids.
  static func check(_ json: JSONValue, in file: FolderFile) throws(TokenizerError) {
    for (name, reason) in all {
      guard let value = json[name], !isHarmless(value, of: name) else { continue }
      throw file.error("\(name) is not served: \(reason)")
    }
  }

  private static func isHarmless(_ value: JSONValue, of key: String) -> Bool {
    if value.isNull { return true }
    return switch key {
    case "do_basic_tokenize": value.bool == true
    case "auto_map": value.object.map { $0["AutoTokenizer"] == nil } ?? false
    case "never_split", "init_inputs": value.array?.isEmpty == true
    case "fast_tokenizer_files": value.array?.allSatisfy { $0.string == TokenizerFile.name } == true
    default: value.bool == false
    }
  }
}
