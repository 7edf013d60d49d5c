/// Why a folder's tokenizer cannot be used.
public struct TokenizerError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The path of the file at fault, or of the folder where a file is missing.
  public let file: String
  /// What is wrong with it. It may quote the file as it is, control characters included.
  public let reason: String

  /// An error about a file.
  public init(file: String, reason: String) {
    self.file = file
    self.reason = reason
  }

  public var description: String { "\(file): \(reason)" }
}
