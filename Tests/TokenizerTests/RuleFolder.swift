@testable import Tokenizer

/// A small folder with the files that AutoTokenizer reads. The expected ids follow the rules of transformers 5.24,
/// which equal those of 4.57.
struct RuleFolder {
  static let tokens =
    ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "<s>", "</s>", "[QRY]"]
    + [
      "a", "b", "c", "[", "]", "cite", "##中", "graph", "Graph", "café", "cafe", "中", "É", "é", "e", "qry", "s", "<",
      ">", "/",
    ]

  static var vocabulary: String { tokens.joined(separator: "\n") + "\n" }

  /// The id of a token of the vocabulary; for any other token, the next number after the vocabulary.
  static func id(_ token: String) -> Int32 {
    Int32(tokens.firstIndex { $0.utf8.elementsEqual(token.utf8) } ?? tokens.count)
  }

  static func ids(_ tokens: String...) -> [Int32] { tokens.map(id) }

  static let bert = normalizer()
  static let template = template(first: "[CLS]", last: "[SEP]")

  static func normalizer(lowercase: String = "true", accents: String = "null", ideographs: String = "true") -> String {
    """
    {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": \(ideographs), "strip_accents": \(accents),
     "lowercase": \(lowercase)}
    """
  }

  /// With `extra` after the first token of a single text.
  static func template(first: String, last: String, extra: String? = nil) -> String {
    func special(_ name: String, _ type: Int) -> String {
      #"{"SpecialToken": {"id": "\#(name)", "type_id": \#(type)}}"#
    }
    func text(_ name: String, _ type: Int) -> String { #"{"Sequence": {"id": "\#(name)", "type_id": \#(type)}}"# }
    let ids = Set([first, last, extra ?? last]).sorted().map {
      #""\#($0)": {"id": "\#($0)", "ids": [\#(id($0))], "tokens": ["\#($0)"]}"#
    }
    let single =
      [special(first, 0)] + [extra].compactMap(\.self).map { special($0, 0) } + [text("A", 0), special(last, 0)]
    let pair = [special(first, 0), text("A", 0), special(last, 0), text("B", 1), special(last, 1)]
    return """
      {"type": "TemplateProcessing", "single": [\(single.joined(separator: ","))],
       "pair": [\(pair.joined(separator: ","))],
       "special_tokens": {\(ids.joined(separator: ","))}}
      """
  }

  static func serialized(
    normalizer: String = bert, postProcessor: String = template, added: String = "[]", truncation: String = "null"
  ) -> String {
    let entries = tokens.enumerated().map { #""\#($1)": \#($0)"# }.joined(separator: ", ")
    return """
      {"version": "1.0", "truncation": \(truncation), "padding": null, "added_tokens": \(added),
       "normalizer": \(normalizer), "pre_tokenizer": {"type": "BertPreTokenizer"}, "post_processor": \(postProcessor),
       "decoder": null, "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
       "max_input_chars_per_word": 100, "vocab": {\(entries)}}}
      """
  }

  static func added(_ content: String, _ flags: String = "", id: Int32? = nil) -> String {
    #"[{"id": \#(id ?? Self.id(content)), "content": "\#(content)", "special": false\#(flags)}]"#
  }

  /// The tokenizer with this vocabulary and these files.
  static func tokenizer(
    config: String? = nil, serialized: String? = nil, map: String? = nil, list: String? = nil, model: String? = nil,
    vocabulary: String? = vocabulary, lowercasesFirst: Bool = false
  ) throws -> BertTokenizer {
    var files: [String: [UInt8]] = [:]
    files["vocab.txt"] = vocabulary.map { Array($0.utf8) }
    files["tokenizer_config.json"] = config.map { Array($0.utf8) }
    files["tokenizer.json"] = serialized.map { Array($0.utf8) }
    files["special_tokens_map.json"] = map.map { Array($0.utf8) }
    files["added_tokens.json"] = list.map { Array($0.utf8) }
    files["config.json"] = model.map { Array($0.utf8) }
    return try BertTokenizer(files: TokenizerFiles(files, path: "m"), lowercasesFirst: lowercasesFirst)
  }

  /// The reason why these files are refused; nil if they are not.
  static func refusal(_ make: () throws -> BertTokenizer) throws -> String? {
    do {
      _ = try make()
      return nil
    } catch let error as TokenizerError {
      return error.description
    }
  }
}
