import JSON

/// Reads `added_tokens.json`: the ids of tokens that the vocabulary lacks.
enum AddedTokensFile {
  static let name = "added_tokens.json"

  static func tokens(of file: FolderFile) throws(TokenizerError) -> [(content: String, id: Int32)] {
    var tokens: [(content: String, id: Int32)] = []
    for member in try file.object().object?.members ?? [] {
      guard let id = member.value.number?.tokenID else {
        throw file.error("the id of \"\(member.name)\" is not a valid one")
      }
      tokens.append((member.name, id))
    }
    return tokens
  }
}
