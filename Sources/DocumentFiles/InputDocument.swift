import JSON
import Messages

/// One document of the input.
package struct InputDocument: Sendable, Equatable {
  /// The id as the input has it; null if there is none.
  package let id: JSONValue
  /// A paper or a text.
  package let content: Document.Content
  /// The number of the document's first line, from 1.
  package let line: Int
}
