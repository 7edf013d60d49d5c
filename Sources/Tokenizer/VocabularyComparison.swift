/// Checks that `vocab.txt` and `tokenizer.json` have the same tokens, because the server would have to guess which
/// counts.
enum VocabularyComparison {
  /// - Parameter added: tokens that only one of the two may have.
  /// - Throws: ``TokenizerError`` with the first token that differs, and both ids.
  static func check(
    _ listed: [(bytes: [UInt8], id: Int32)], of file: FolderFile, beside tokenizer: TokenizerFile,
    except added: Set<[UInt8]>
  ) throws(TokenizerError) {
    let ids = Self.ids(of: listed)
    let serialized = Self.ids(of: tokenizer.tokens)
    for (token, id) in listed where ids[token] == id && !added.contains(token) {
      try check(token, id, serialized[token], of: file)
    }
    for (token, id) in tokenizer.tokens where serialized[token] == id && ids[token] == nil && !added.contains(token) {
      try check(token, nil, id, of: file)
    }
  }

  /// If a token occurs twice, the last id counts.
  private static func ids(of tokens: [(bytes: [UInt8], id: Int32)]) -> [[UInt8]: Int32] {
    Dictionary(tokens.map { ($0.bytes, $0.id) }, uniquingKeysWith: { $1 })
  }

  private static func check(
    _ token: [UInt8], _ listed: Int32?, _ serialized: Int32?, of file: FolderFile
  ) throws(TokenizerError) {
    guard listed != serialized else { return }
    func said(_ id: Int32?) -> String { id.map { "is token \($0)" } ?? "is missing" }
    throw file.error(
      "\"\(String(decoding: token, as: UTF8.self))\" \(said(listed)) here and \(said(serialized)) in "
        + "\(TokenizerFile.name); remove the file that is not the model's")
  }
}
