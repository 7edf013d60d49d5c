/// The encoding of `grpc-message`: printable ASCII unchanged, `%` and all other UTF-8 bytes as `%XX`.
public enum PercentEncoding {
  public static func encode(_ text: String) -> String {
    if text.utf8.allSatisfy(isLiteral) { return text }
    var encoded: [UInt8] = []
    for byte in text.utf8 {
      if isLiteral(byte) {
        encoded.append(byte)
      } else {
        encoded += [UInt8(ascii: "%"), hexDigit(byte >> 4), hexDigit(byte & 0xf)]
      }
    }
    return String(decoding: encoded, as: UTF8.self)
  }

  private static func isLiteral(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte <= 0x7e && byte != UInt8(ascii: "%")
  }

  private static func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
  }
}
