/// The separator of a table's values.
package enum CSVDelimiter: String, CaseIterable, Codable, Sendable {
  case comma, semicolon, tab

  /// - Parameter name: the delimiter's name, or the character itself.
  package init?(named name: String) {
    guard let found = Self.allCases.first(where: { $0.rawValue == name || String($0.character) == name }) else {
      return nil
    }
    self = found
  }

  var character: Character { Character(Unicode.Scalar(byte)) }

  var byte: UInt8 {
    switch self {
    case .comma: UInt8(ascii: ",")
    case .semicolon: UInt8(ascii: ";")
    case .tab: UInt8(ascii: "\t")
    }
  }
}

/// How a quote is written inside a quoted value.
package enum CSVQuotes: String, CaseIterable, Codable, Sendable {
  /// `""`, as in RFC 4180.
  case doubled
  /// `\"`, and `\\` for a backslash; `""` is read too.
  case backslash
}

/// How a table separates and quotes its values, as far as that is known.
package struct CSVDialect: Codable, Equatable, Sendable {
  /// nil if not known.
  package var delimiter: CSVDelimiter?
  /// nil if not known.
  package var quotes: CSVQuotes?

  /// - Parameters:
  ///   - delimiter: nil means that the reader detects it.
  ///   - quotes: nil means that the reader detects it.
  package init(delimiter: CSVDelimiter? = nil, quotes: CSVQuotes? = nil) {
    self.delimiter = delimiter
    self.quotes = quotes
  }
}
