/// What stands between a table's values.
package enum CSVDelimiter: String, CaseIterable, Codable, Sendable {
  case comma, semicolon, tab

  /// - Parameter name: also the character itself.
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

/// How a quote is written inside of a value in quotes.
package enum CSVQuotes: String, CaseIterable, Codable, Sendable {
  /// `""`, as RFC 4180 has it.
  case doubled
  /// `\"`, and `\\` for a backslash; `""` is read too.
  case backslash
}

/// How the values of a table are separated and quoted, as far as it is known.
package struct CSVDialect: Codable, Equatable, Sendable {
  /// nil where it is not known.
  package var delimiter: CSVDelimiter?
  /// nil where it is not known.
  package var quotes: CSVQuotes?

  /// - Parameters:
  ///   - delimiter: nil is to be found out.
  ///   - quotes: nil is to be found out.
  package init(delimiter: CSVDelimiter? = nil, quotes: CSVQuotes? = nil) {
    self.delimiter = delimiter
    self.quotes = quotes
  }
}
