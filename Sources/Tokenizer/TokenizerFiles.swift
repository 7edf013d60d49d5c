/// The files that a tokenizer is read from.
public struct TokenizerFiles: Sendable {
  /// All names that are looked for. A converted model holds those that its folder had.
  public static let names = [
    VocabularyFile.name, TokenizerFile.name, TokenizerConfigFile.name, SpecialTokensMapFile.name, AddedTokensFile.name,
    ModelConfigFile.name,
  ]

  /// The most bytes that a file is worth reading of: the largest BERT vocabularies take some megabytes.
  public static let fileBytesMax = 256 << 20

  /// The model's folder, or the converted file, that they are in.
  let path: String
  private let contents: [String: [UInt8]]

  /// - Parameters:
  ///   - contents: the bytes of those that are there, by their names.
  ///   - path: of the folder or the converted file that they are in, for errors.
  public init(_ contents: [String: [UInt8]], path: String) {
    self.contents = contents
    self.path = path
  }

  /// Those that are there, in the order of ``names``.
  public var all: [(name: String, bytes: [UInt8])] {
    Self.names.compactMap { name in contents[name].map { (name, $0) } }
  }

  /// A file; nil where there is none of that name.
  subscript(name: String) -> FolderFile? {
    contents[name].map { FolderFile(path: path + (path.hasSuffix("/") ? "" : "/") + name, bytes: $0) }
  }
}
