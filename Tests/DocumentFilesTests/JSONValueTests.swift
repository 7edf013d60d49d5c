import Foundation
import Testing

@testable import DocumentFiles

/// A document's id, handed on as it came.
@Suite struct JSONValueTests {
  @Test(
    arguments: [
      "null", "true", "false", "0", "-7", "9223372036854775807", "-9223372036854775808", "18446744073709551615",
      "1.5", "-0.25", "\"\"", "\"a/b\"", "\"10\"", "\"true\"", "\"é 日本 😀\"", "\"a\\\"b\\\\c\\nd\"", "[]",
      "[1,\"2\",null,[true]]", "{}", "{\"a\":1,\"b\":{\"c\":[2]}}",
    ])
  func readsBackAsItWas(text: String) throws {
    let value = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    #expect(value.text == text)
  }

  @Test func isOneLine() throws {
    let value = try JSONDecoder().decode(JSONValue.self, from: Data("{\"a\": \"x\\ny\",\n \"b\": [1,\n2]}".utf8))
    #expect(!value.text.contains("\n"))
  }
}
