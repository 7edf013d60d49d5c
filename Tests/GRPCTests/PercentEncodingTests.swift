import GRPC
import TestSupport
import Testing

/// The encoding of grpc-message.
@Suite struct PercentEncodingTests {
  @Test(
    arguments: [
      ("", ""), ("plain text ~!", "plain text ~!"), ("100 %", "100 %25"), ("a\nb\tc", "a%0Ab%09c"),
      ("é", "%C3%A9"), ("1 … 3", "1 %E2%80%A6 3"), ("\u{7f}\u{0}", "%7F%00"), ("😀", "%F0%9F%98%80"),
    ])
  func escapesWhatIsNotPrintableASCII(text: String, encoded: String) {
    #expect(PercentEncoding.encode(text) == encoded)
  }

  @Test func anyTextReadsBack() {
    var generator = SeededGenerator(seed: 41)
    for _ in 0..<500 {
      let count = Int.random(in: 0...30, using: &generator)
      let scalars = (0..<count).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0...0x2fff, using: &generator)) }
      var text = ""
      text.unicodeScalars.append(contentsOf: scalars)
      let encoded = PercentEncoding.encode(text)
      #expect(encoded.utf8.allSatisfy { (0x20...0x7e).contains($0) })
      #expect(Self.decode(encoded) == text)
    }
  }

  private static func decode(_ text: String) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
