/// Where and why bytes are not the JSON that a reader accepts.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The offset in bytes from the document's beginning.
  public let offset: Int
  /// What is wrong there.
  public let reason: Reason

  /// - Parameter offset: in bytes from the document's beginning.
  public init(offset: Int, reason: Reason) {
    self.offset = offset
    self.reason = reason
  }

  /// What is wrong with a document.
  public enum Reason: Sendable, Equatable {
    /// The document violates the grammar: what is wrong, or what was expected.
    case syntax(String)
    /// A byte is not valid UTF-8.
    case notUTF8
    /// Arrays and objects are nested more deeply than the reader accepts.
    case tooDeep(limit: Int)
  }

  /// The reason and the place, in one line.
  public var description: String {
    switch reason {
    case .syntax(let what): "not valid JSON at byte \(offset): \(what)"
    case .notUTF8: "not UTF-8 at byte \(offset)"
    case .tooDeep(let limit): "nested more than \(limit) levels deep at byte \(offset)"
    }
  }
}
