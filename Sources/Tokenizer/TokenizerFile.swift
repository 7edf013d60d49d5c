/// Reading `tokenizer.json`, the serialised form of Hugging Face's tokenizers. Its truncation, padding
/// and post-processor are not read.
struct TokenizerFile {
  static let name = "tokenizer.json"

  var tokens: [(bytes: [UInt8], id: Int32)]
  var addedTokens: [AddedToken]
  /// nil: the file says nothing about normalising.
  var normalizer: Normalizer?
  var unknownToken = "[UNK]"
  var continuationPrefix = "##"
  var maxCharactersPerWord = 100

  struct Normalizer {
    var cleansText: Bool
    var isolatesIdeographs: Bool
    /// nil: accents are stripped where text is lowercased.
    var stripsAccents: Bool?
    var lowercases: Bool
  }

  init(_ file: FolderFile) throws(TokenizerError) {
    let json = try file.json()
    guard let model = json["model"], model.members != nil else { throw file.error("no model") }
    try Self.require("WordPiece", as: model["type"], what: "model", in: file)
    try Self.require("BertPreTokenizer", as: json["pre_tokenizer"]?["type"], what: "pre-tokenizer", in: file)
    tokens = try Self.tokens(model["vocab"], in: file)
    addedTokens = []
    for entry in json["added_tokens"]?.array ?? [] {
      addedTokens.append(try AddedToken(entry, id: entry["id"]?.int32, in: file))
    }
    normalizer = try Self.normalizer(json["normalizer"], in: file)
    if let token = model["unk_token"]?.string {
      unknownToken = String(decoding: token, as: UTF8.self)
    }
    if let prefix = model["continuing_subword_prefix"]?.string {
      continuationPrefix = String(decoding: prefix, as: UTF8.self)
    }
    if let maximum = model["max_input_chars_per_word"] {
      guard let value = maximum.int32, (1...10_000).contains(value) else {
        throw file.error("max_input_chars_per_word is not a whole number from 1 to 10000")
      }
      maxCharactersPerWord = Int(value)
    }
  }

  /// Refuses a type other than the one supported; an absent type is taken for it, as old files omit it.
  private static func require(
    _ supported: String, as type: JSONValue?, what: String, in file: FolderFile
  ) throws(TokenizerError) {
    guard let type, !type.isNull else { return }
    let name = type.string.map { String(decoding: $0, as: UTF8.self) }
    guard name == supported else {
      throw file.error("\(what) type \(name ?? "that is not a string"); only \(supported) is supported")
    }
  }

  private static func tokens(
    _ vocabulary: JSONValue?, in file: FolderFile
  ) throws(TokenizerError) -> [(bytes: [UInt8], id: Int32)] {
    guard let members = vocabulary?.members else { throw file.error("model.vocab is not an object") }
    var tokens: [(bytes: [UInt8], id: Int32)] = []
    for (name, value) in members {
      guard let id = value.int32, id >= 0 else {
        throw file.error("the id of \"\(String(decoding: name, as: UTF8.self))\" is not a valid one")
      }
      if !name.isEmpty { tokens.append((name, id)) }
    }
    return tokens
  }

  private static func normalizer(_ json: JSONValue?, in file: FolderFile) throws(TokenizerError) -> Normalizer? {
    guard let json, !json.isNull else { return nil }
    if let steps = json["normalizers"]?.array, steps.count == 1 {
      return try normalizer(steps[0], in: file)
    }
    try require("BertNormalizer", as: json["type"], what: "normalizer", in: file)
    return Normalizer(
      cleansText: try file.flag("clean_text", of: json) ?? true,
      isolatesIdeographs: try file.flag("handle_chinese_chars", of: json) ?? true,
      stripsAccents: try file.flag("strip_accents", of: json),
      lowercases: try file.flag("lowercase", of: json) ?? true)
  }
}
