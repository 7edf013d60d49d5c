/// A number as it is written in the document.
public struct JSONNumber: Sendable, Hashable {
  /// The document's own digits, such as `12345.0` or `1e400`; `NaN`, `Infinity` or `-Infinity` if the reader accepts
  /// these.
  public let text: String

  /// - Parameter text: a number of JSON's grammar, or one of the three words above.
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

  /// The value if it is a whole number and fits, in any notation: 512, 512.0, 5.12e2.
  public var integer: Int? {
    Int(text) ?? Double(text).flatMap { $0.magnitude <= Self.largestExact ? Int(exactly: $0) : nil }
  }

  /// The nearest double; infinite if the number is too large for one.
  public var double: Double { Double(text) ?? .nan }

  /// Whether the number is the word `NaN`.
  public var isNaN: Bool { text == "NaN" }

  /// Whether the number is not one of the words; a number too large for a double counts as finite.
  public var isFinite: Bool { !text.utf8.contains { $0 == UInt8(ascii: "N") || $0 == UInt8(ascii: "I") } }

  /// Up to 2⁵³, a double distinguishes neighbouring whole numbers.
  private static let largestExact = 9_007_199_254_740_992.0
}
