/// A number as the document writes it.
public struct JSONNumber: Sendable, Hashable {
  /// The document's own digits, such as `12345.0` or `1e400`; `NaN`, `Infinity` or `-Infinity` where the reader was
  /// told to take these.
  public let text: String

  /// - Parameter text: by JSON's grammar, or one of the three words above.
  init(text: String) {
    self.text = text
  }

  /// A whole number, in decimal digits.
  public init(_ value: Int) {
    text = String(value)
  }

  /// The shortest digits that read back to the same value.
  public init(_ value: Double) {
    text =
      switch value {
      case .infinity: "Infinity"
      case -.infinity: "-Infinity"
      default: value.isNaN ? "NaN" : value.description
      }
  }

  /// The value where it is whole and fits, however it is written: 512, 512.0, 5.12e2.
  public var integer: Int? {
    Int(text) ?? Double(text).flatMap { $0.magnitude <= Self.largestExact ? Int(exactly: $0) : nil }
  }

  /// The nearest double; infinite where it is too large for one.
  public var double: Double { Double(text) ?? .nan }

  /// Whether it is the word `NaN`.
  public var isNaN: Bool { text == "NaN" }

  /// Whether it is no word; a number too large for a double is finite.
  public var isFinite: Bool { !text.utf8.contains { $0 == UInt8(ascii: "N") || $0 == UInt8(ascii: "I") } }

  /// Up to 2⁵³ a double tells neighbouring whole numbers apart.
  private static let largestExact = 9_007_199_254_740_992.0
}
