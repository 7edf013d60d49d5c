import NIOCore

/// The header `grpc-timeout`: one to eight digits and a unit.
public enum Timeout {
  /// The time that a client allows; nil if the text is malformed. Longer times are cut to some 146 years.
  public static func parse(_ text: String) -> TimeAmount? {
    guard let unit = text.utf8.last, let nanoseconds = nanosecondsPerUnit(unit) else { return nil }
    let digits = text.utf8.dropLast()
    guard (1...8).contains(digits.count) else { return nil }
    var value: Int64 = 0
    for digit in digits {
      guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
      value = value * 10 + Int64(digit - UInt8(ascii: "0"))
    }
    let (product, overflow) = value.multipliedReportingOverflow(by: nanoseconds)
    return .nanoseconds(overflow ? longest : min(product, longest))
  }

  /// Half of the longest deadline, so that adding it to the current time never overflows.
  private static let longest = Int64.max / 2

  private static func nanosecondsPerUnit(_ unit: UInt8) -> Int64? {
    switch unit {
    case UInt8(ascii: "H"): 3_600_000_000_000
    case UInt8(ascii: "M"): 60_000_000_000
    case UInt8(ascii: "S"): 1_000_000_000
    case UInt8(ascii: "m"): 1_000_000
    case UInt8(ascii: "u"): 1_000
    case UInt8(ascii: "n"): 1
    default: nil
    }
  }
}
