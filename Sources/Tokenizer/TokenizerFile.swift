import JSON

/// Reads `tokenizer.json`, the serialised form of Hugging Face's tokenizers. Its padding and decoder change no id.
struct TokenizerFile {
  static let name = "tokenizer.json"

  let file: FolderFile
  var tokens: [(bytes: [UInt8], id: Int32)]
  /// The added tokens with the ids that the file gives them.
  var addedTokens: [(token: AddedToken, id: Int32)]
  var normalizer: SerializedNormalizer
  /// nil: the tokenizer adds no special tokens.
  var postProcessor: PostProcessor?
  var unknownToken = "[UNK]"
  var continuationPrefix = "##"
  var maxCharactersPerWord = 100
  /// The side at which truncation removes tokens; nil if the file sets up no truncation.
  var truncationSide: TruncationSide?

  init(_ file: FolderFile) throws(TokenizerError) {
    self.file = file
    let json = try file.object()
    guard let model = json["model"], model.object != nil else { throw file.error("no model") }
    if let type = model["type"], !type.isNull { try Self.require("WordPiece", as: type, of: "model", in: file) }
    tokens = try Self.tokens(model["vocab"], in: file)
    try Self.require(
      "BertPreTokenizer", as: json["pre_tokenizer"]?["type"] ?? json["pre_tokenizer"] ?? .null, of: "pre_tokenizer",
      in: file)
    addedTokens = []
    for entry in try file.list("added_tokens", of: json) ?? [] {
      guard let id = entry["id"]?.number?.tokenID else { throw file.error("added_tokens: a token without a valid id") }
      addedTokens.append((try AddedToken(entry, of: "added_tokens", isSpecial: false, in: file), id))
    }
    normalizer = try SerializedNormalizer(json["normalizer"] ?? .null, in: file)
    postProcessor = try PostProcessor(json["post_processor"] ?? .null, in: file)
    if let token = try file.text("unk_token", of: model) { unknownToken = token }
    if let prefix = try file.text("continuing_subword_prefix", of: model) { continuationPrefix = prefix }
    if let maximum = model["max_input_chars_per_word"] {
      guard let value = maximum.number?.integer, (1...10_000).contains(value) else {
        throw file.error("max_input_chars_per_word is not a whole number from 1 to 10000")
      }
      maxCharactersPerWord = value
    }
    if let truncation = json["truncation"], !truncation.isNull {
      truncationSide = try TruncationSide(try file.text("direction", of: truncation), "truncation.direction", in: file)
    }
  }

  private static func require(
    _ supported: String, as type: JSONValue, of what: String, in file: FolderFile
  ) throws(TokenizerError) {
    let name = type.string ?? type.kind
    guard name == supported else { throw file.error("\(what) type \(name) is not served; only \(supported) is") }
  }

  private static func tokens(
    _ vocabulary: JSONValue?, in file: FolderFile
  ) throws(TokenizerError) -> [(bytes: [UInt8], id: Int32)] {
    guard let members = vocabulary?.object?.members else { throw file.error("model.vocab is not an object") }
    var tokens: [(bytes: [UInt8], id: Int32)] = []
    tokens.reserveCapacity(members.count)
    for member in members {
      guard let id = member.value.number?.tokenID else {
        throw file.error("model.vocab: the id of \"\(member.name)\" is not a valid one")
      }
      if !member.name.isEmpty { tokens.append((Array(member.name.utf8), id)) }
    }
    return tokens
  }
}
