import JSON
import Messages

/// One document of the input.
package struct InputDocument: Sendable, Equatable {
  /// As the input gives it; null where it gives none.
  package let id: JSONValue
  /// A paper or a text.
  package let content: Document.Content
  /// The number of its first line, from 1.
  package let line: Int
}
