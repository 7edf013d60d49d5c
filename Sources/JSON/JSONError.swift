/// Where and why bytes are not the JSON that a reader takes.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  /// In bytes from the begin of the document.
  public let offset: Int
  public let reason: Reason

  public init(offset: Int, reason: Reason) {
    self.offset = offset
    self.reason = reason
  }

  public enum Reason: Sendable, Equatable {
    /// Against the grammar: what is wrong, or what was expected.
    case syntax(String)
    case notUTF8
    case tooDeep(limit: Int)
  }

  public var description: String {
    switch reason {
    case .syntax(let what): "not valid JSON at byte \(offset): \(what)"
    case .notUTF8: "not UTF-8 at byte \(offset)"
    case .tooDeep(let limit): "nested more than \(limit) levels deep at byte \(offset)"
    }
  }
}
