import JSON

/// Reads `special_tokens_map.json`, which older versions of transformers write next to `tokenizer_config.json`.
enum SpecialTokensMapFile {
  static let name = "special_tokens_map.json"

  static func tokens(of file: FolderFile) throws(TokenizerError) -> SpecialTokens {
    let json = try file.object()
    for member in json.object?.members ?? [] where !SpecialTokens.allKeys.contains(member.name) {
      throw file.error("\(member.name) is no key of this file that is served")
    }
    return try SpecialTokens(json, in: file)
  }
}
