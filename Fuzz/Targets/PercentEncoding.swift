import GRPC

extension FuzzTarget {
  /// `grpc-message`: the encoded value is printable ASCII and decodes to the original text.
  static let percentEncoding = FuzzTarget(name: "percent-encoding") { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    let encoded = Array(PercentEncoding.encode(text).utf8)
    try promise(encoded.allSatisfy { (0x20...0x7e).contains($0) }, "\(encoded) is not printable")
    try promise(percentDecoded(encoded) == Array(text.utf8), "\(encoded) is not \(Array(text.utf8))")
  }

  /// - Returns: nil if a `%` is not followed by two uppercase hexadecimal digits.
  private static func percentDecoded(_ encoded: [UInt8]) -> [UInt8]? {
    var decoded: [UInt8] = []
    var rest = encoded[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        decoded.append(byte)
        continue
      }
      let digits = String(decoding: rest.prefix(2), as: UTF8.self)
      guard digits.utf8.count == 2, digits == digits.uppercased(), let value = UInt8(digits, radix: 16) else {
        return nil
      }
      decoded.append(value)
      rest = rest.dropFirst(2)
    }
    return decoded
  }
}
