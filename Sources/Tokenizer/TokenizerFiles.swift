/// The files from which a tokenizer is read.
public struct TokenizerFiles: Sendable {
  /// The names of all these files. A converted model contains those that its folder had.
  public static let names = [
    VocabularyFile.name, TokenizerFile.name, TokenizerConfigFile.name, SpecialTokensMapFile.name, AddedTokensFile.name,
    ModelConfigFile.name,
  ]

  /// Maximum bytes of a file: the largest BERT vocabularies take some megabytes.
  public static let fileBytesMax = 256 << 20

  /// The model's folder, or the converted file, that contains the files.
  let path: String
  private let contents: [String: [UInt8]]

  /// - Parameters:
  ///   - contents: the bytes of the existing files, by name.
  ///   - path: the folder or the converted file that contains them, for errors.
  public init(_ contents: [String: [UInt8]], path: String) {
    self.contents = contents
    self.path = path
  }

  /// The existing files, in the order of ``names``.
  public var all: [(name: String, bytes: [UInt8])] {
    Self.names.compactMap { name in contents[name].map { (name, $0) } }
  }

  /// A file; nil if there is none with that name.
  subscript(name: String) -> FolderFile? {
    contents[name].map { FolderFile(path: path + (path.hasSuffix("/") ? "" : "/") + name, bytes: $0) }
  }
}
