import JSON

/// Reads `tokenizer_config.json`.
struct TokenizerConfigFile {
  static let name = "tokenizer_config.json"

  let file: FolderFile
  var tokenizerClass: String?
  var lowercases: Bool
  var isolatesIdeographs: Bool
  /// nil: accents are stripped if text is lowercased.
  var stripsAccents: Bool?
  var truncationSide: TruncationSide?
  /// Whether tokens have types, with type 1 for a pair's second text; nil if the file does not specify it.
  var hasTokenTypes: Bool?
  var specialTokens: SpecialTokens
  /// The added tokens with the ids that the file gives them; nil if it has no such list.
  var addedTokens: [(token: AddedToken, id: Int32)]?
  /// Tokens of keys that only some versions of transformers treat as special tokens.
  var otherTokens: [(key: String, token: AddedToken)] = []

  init(_ file: FolderFile) throws(TokenizerError) {
    self.file = file
    let json = try file.object()
    try RefusedTokenizerKeys.check(json, in: file)
    tokenizerClass = try file.text("tokenizer_class", of: json)
    lowercases = try Self.setting("do_lower_case", of: json, in: file) ?? true
    isolatesIdeographs = try Self.setting("tokenize_chinese_chars", of: json, in: file) ?? true
    stripsAccents = try file.flag("strip_accents", of: json)
    if let side = try file.text("truncation_side", of: json) {
      guard side == side.lowercased() else {
        throw file.error("truncation_side is \"\(side)\"; left or right is expected")
      }
      truncationSide = try TruncationSide(side, "truncation_side", in: file)
    }
    hasTokenTypes = try file.list("model_input_names", of: json).map { $0.contains { $0.string == "token_type_ids" } }
    specialTokens = try SpecialTokens(json, in: file)
    if let decoder = json["added_tokens_decoder"] { addedTokens = try Self.decoder(decoder, in: file) }
    for member in json.object?.members ?? [] where member.name.hasSuffix("_token") {
      if SpecialTokens.keys.contains(member.name) || member.value.bool != nil || member.value.isNull { continue }
      otherTokens.append(
        (member.name, try AddedToken(member.value, of: member.name, isSpecial: true, in: file)))
    }
  }

  /// A switch whose null is read differently by Hugging Face's versions.
  private static func setting(_ key: String, of json: JSONValue, in file: FolderFile) throws(TokenizerError) -> Bool? {
    if json[key]?.isNull == true { throw file.error("\(key): true or false was expected, not null") }
    return try file.flag(key, of: json)
  }

  private static func decoder(
    _ value: JSONValue, in file: FolderFile
  ) throws(TokenizerError) -> [(token: AddedToken, id: Int32)] {
    let key = "added_tokens_decoder"
    guard let members = value.object?.members else {
      throw file.error("\(key): an object was expected, not \(value.kind)")
    }
    var tokens: [(token: AddedToken, id: Int32)] = []
    for member in members {
      guard let id = Int32(member.name), id >= 0, member.value.object != nil else {
        throw file.error("\(key): \"\(member.name)\" is no id, or its token is no object")
      }
      tokens.append((try AddedToken(member.value, of: key, isSpecial: false, in: file), id))
    }
    return tokens.sorted { $0.id < $1.id }
  }
}
