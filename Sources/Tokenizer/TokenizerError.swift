/// Why a folder's tokenizer cannot be used.
public struct TokenizerError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The path of the wrong file, or of the folder in which a file is missing.
  public let file: String
  /// What is wrong. It may quote the file unchanged, including control characters.
  public let reason: String

  /// An error about a file.
  public init(file: String, reason: String) {
    self.file = file
    self.reason = reason
  }

  public var description: String { "\(file): \(reason)" }
}
