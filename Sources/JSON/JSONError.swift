/// Where and why bytes are not the JSON that a reader takes.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  /// In bytes from the begin of the document.
  public let offset: Int
  /// What is wrong there.
  public let reason: Reason

  /// - Parameter offset: in bytes from the begin of the document.
  public init(offset: Int, reason: Reason) {
    self.offset = offset
    self.reason = reason
  }

  /// What is wrong with a document.
  public enum Reason: Sendable, Equatable {
    /// Against the grammar: what is wrong, or what was expected.
    case syntax(String)
    /// A byte that cannot be in UTF-8.
    case notUTF8
    /// More arrays and objects inside of each other than the reader takes.
    case tooDeep(limit: Int)
  }

  /// The reason and the place, in a line.
  public var description: String {
    switch reason {
    case .syntax(let what): "not valid JSON at byte \(offset): \(what)"
    case .notUTF8: "not UTF-8 at byte \(offset)"
    case .tooDeep(let limit): "nested more than \(limit) levels deep at byte \(offset)"
    }
  }
}
