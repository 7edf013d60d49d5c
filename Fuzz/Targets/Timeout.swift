import GRPC
import NIOCore

extension FuzzTarget {
  /// `grpc-timeout`: a value is either malformed, or equals the value of an independent computation from the grammar of
  /// the specification.
  static let timeout = FuzzTarget(name: "timeout") { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    let parsed = Timeout.parse(text)
    try promise(parsed == reference(text), "\(text) is read as \(parsed?.nanoseconds ?? -1) ns")
  }

  private static func reference(_ text: String) -> TimeAmount? {
    let nanoseconds: [Unicode.Scalar: Double] = ["H": 3.6e12, "M": 6e10, "S": 1e9, "m": 1e6, "u": 1e3, "n": 1]
    let scalars = Array(text.unicodeScalars)
    guard let unit = scalars.last.flatMap({ nanoseconds[$0] }), (2...9).contains(scalars.count),
      scalars.dropLast().allSatisfy({ ("0"..."9").contains($0) }), let value = Int64(text.dropLast())
    else { return nil }
    let longest = Int64.max / 2
    guard Double(value) * unit < Double(longest) else { return .nanoseconds(longest) }
    return .nanoseconds(value * Int64(unit))
  }
}
