import JSON
import Testing

@Suite struct JSONTextTests {
  @Test(arguments: [
    "null", "true", "[]", "{}", #"{"a":[1,2.50,"x"],"b":{"c":null}}"#, #""\"\\\n\r\t\u0000\u001f\u007fé𝔄/""#,
  ])
  func whatIsWrittenIsWhatWasRead(_ text: String) throws {
    #expect(try JSONReader(.strict).read(Array(text.utf8)).text == text)
  }

  /// The text of any value reads back to the same value.
  @Test func randomValuesComeBack() throws {
    var random = SystemRandomNumberGenerator()
    func value(_ depth: Int) -> JSONValue {
      switch Int.random(in: depth > 0 ? 0..<6 : 0..<4, using: &random) {
      case 0: return .null
      case 1: return .bool(.random())
      case 2: return .number(JSONNumber(Double(bitPattern: .random(in: 0..<0x7ff0_0000_0000_0000))))
      case 3:
        let scalars = (0..<Int.random(in: 0..<8)).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0..<0x11_0000)) }
        return .string(String(String.UnicodeScalarView(scalars)))
      case 4: return .array((0..<Int.random(in: 0..<4)).map { _ in value(depth - 1) })
      default:
        return .object(
          JSONObject((0..<Int.random(in: 0..<4)).map { .init(name: "n\($0)", value: value(depth - 1)) }))
      }
    }
    for _ in 0..<2_000 {
      let value = value(4)
      #expect(try JSONReader(.strict).read(Array(value.text.utf8)) == value)
    }
  }
}
