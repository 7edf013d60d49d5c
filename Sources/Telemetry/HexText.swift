import Messages

/// Numbers as lower-case hexadecimal digits, the form of W3C's Trace Context.
enum HexText {
  /// - Parameter digits: at most sixteen.
  /// - Returns: nil if a character is not a digit, or is upper-case.
  static func number(_ digits: some Sequence<UInt8>) -> UInt64? {
    var number: UInt64 = 0
    for digit in digits {
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | UInt64(digit - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"): number = number << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
      default: return nil
      }
    }
    return number
  }

  static func text(_ number: UInt64, digits: Int) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
  }
}

extension TraceID {
  /// A new, random trace number.
  static func random() -> TraceID {
    TraceID(high: .random(in: 0 ... .max), low: .random(in: 1 ... .max))
  }

  public var hex: String { HexText.text(high, digits: 16) + HexText.text(low, digits: 16) }
}

extension SpanID {
  /// A new, random span number.
  static func random() -> SpanID { SpanID(.random(in: 1 ... .max)) }

  public var hex: String { HexText.text(value, digits: 16) }
}
