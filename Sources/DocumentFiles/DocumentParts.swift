import Glibc
import Messages

/// The parts of a document that a line or a row gives, and the document that they make.
struct DocumentParts {
  enum Part {
    case absent
    /// The part is present, but null or NaN.
    case null
    case text(String)
  }

  /// The names of ids in common data sets, by rank.
  static let idNames = [
    "id", "_id", "paper_id", "paperId", "corpus_id", "corpusId", "corpusid", "doc_id", "docId", "docid",
  ]
  static let contentNames = ["title", "abstract", "text"]

  var title = Part.absent
  var abstract = Part.absent
  var text = Part.absent

  /// A text if there is a text and no title; with a title, the text is the paper's abstract. Otherwise, a paper.
  var content: Document.Content {
    get throws(BadRecord) {
      let (title, abstract) = (self.title.value, self.abstract.value)
      switch text {
      case .text(let text) where abstract.isEmpty:
        return title.isEmpty ? .text(text) : .paper(title: title, abstract: text)
      case .text(let text) where !text.isEmpty:
        throw BadRecord(reason: "\"abstract\" and \"text\" are both given; one of them is needed")
      case .text: break
      case .absent, .null:
        if case (.absent, .absent) = (self.title, self.abstract) {
          throw BadRecord(reason: "neither \"title\" nor \"text\" is given")
        }
      }
      return .paper(title: title, abstract: abstract)
    }
  }
}

extension DocumentParts.Part {
  /// Drops NUL, which a document's text cannot contain.
  init(withoutNUL text: String) {
    self = .text(Self.hasNUL(text) ? String(text.unicodeScalars.filter { $0 != "\0" }) : text)
  }

  private static func hasNUL(_ text: String) -> Bool {
    // Texts are long, and the loop of `contains` is slow over a string.
    text.utf8.withContiguousStorageIfAvailable { bytes in
      bytes.baseAddress.map { memchr($0, 0, bytes.count) != nil } ?? false
    } ?? text.utf8.contains(0)
  }

  fileprivate var value: String {
    if case .text(let text) = self { text } else { "" }
  }
}
