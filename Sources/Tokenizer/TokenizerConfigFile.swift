/// Reading `tokenizer_config.json`: the settings that go before those of `tokenizer.json`.
struct TokenizerConfigFile {
  static let name = "tokenizer_config.json"

  var lowercases: Bool?
  var isolatesIdeographs: Bool?
  /// The outer nil: not said. The inner: said to follow the casing.
  var stripsAccents: Bool??
  var addedTokens: [AddedToken] = []

  init(_ file: FolderFile) throws(TokenizerError) {
    let json = try file.json()
    guard json.members != nil else { throw file.error("not a JSON object") }
    lowercases = try file.flag("do_lower_case", of: json)
    isolatesIdeographs = try file.flag("tokenize_chinese_chars", of: json)
    if json["strip_accents"] != nil {
      stripsAccents = .some(try file.flag("strip_accents", of: json))
    }
    for (name, entry) in json["added_tokens_decoder"]?.members ?? [] {
      addedTokens.append(
        try AddedToken(entry, id: Int32(String(decoding: name, as: UTF8.self)), in: file))
    }
  }
}

extension FolderFile {
  /// A member that is true, false, null or absent.
  func flag(_ name: String, of object: JSONValue) throws(TokenizerError) -> Bool? {
    guard let value = object[name], !value.isNull else { return nil }
    guard let flag = value.bool else { throw error("\(name) is neither true nor false") }
    return flag
  }
}
