/// The files that a tokenizer is read from.
public enum TokenizerFiles: Sendable {
  /// Files of a model folder.
  case folder(String)
  /// Contents by their names, and the path of the file that holds them.
  case contents([String: [UInt8]], path: String)

  /// All names that are looked for. A converted model holds those that its folder had.
  public static let names = [
    VocabularyFile.name, TokenizerFile.name, TokenizerConfigFile.name, SpecialTokensMapFile.name, AddedTokensFile.name,
    ModelConfigFile.name,
  ]

  var path: String {
    switch self {
    case .folder(let path), .contents(_, let path): path
    }
  }

  /// Those that are there, with their contents.
  /// - Throws: ``TokenizerError`` for a file that cannot be read.
  public func read() throws(TokenizerError) -> [(name: String, bytes: [UInt8])] {
    var files: [(name: String, bytes: [UInt8])] = []
    for name in Self.names {
      if let file = try FolderFile(name, in: self) { files.append((name, file.bytes)) }
    }
    return files
  }
}
