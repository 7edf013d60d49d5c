import Testing

@testable import Tokenizer

struct JSONReaderTests {
  private func read(_ text: String) throws(JSONReader.SyntaxError) -> JSONValue {
    try JSONReader.read(Array(text.utf8))
  }

  @Test func `All kinds of value`() throws {
    let json = try read(#" {"n": null, "t": true, "f": false, "i": -12, "d": 1.5e2, "a": [1, [], {}], "o": {"x": 1}} "#)
    #expect(json["n"]?.isNull == true)
    #expect(json["t"]?.bool == true)
    #expect(json["f"]?.bool == false)
    #expect(json["i"]?.int32 == -12)
    #expect(json["d"]?.int32 == 150)
    #expect(json["a"]?.array?.count == 3)
    #expect(json["o"]?["x"]?.int32 == 1)
    #expect(json["missing"] == nil)
  }

  @Test func `Escapes`() throws {
    let json = try read(#""\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00 é""#)
    #expect(json.string == Array("\"\\/\u{8}\u{C}\n\r\tAé😀 é".utf8))
  }

  @Test func `The last of two equal names counts, and equivalent names differ`() throws {
    let json = try read(#"{"a": 1, "a": 2, "é": 3, "e\u0301": 4}"#)
    #expect(json["a"]?.int32 == 2)
    #expect(json["é"]?.int32 == 3)
    #expect(json["e\u{301}"]?.int32 == 4)
  }

  @Test(arguments: [
    "", " ", "{", "[1,]", "[1 2]", "{\"a\"}", "{\"a\":}", "{a: 1}", "tru", "nul", "+1", "1e", "1e999", "--1", ".5",
    "\"", "\"\n\"", #""\x""#, #""\u12""#, #""\u+123""#, #""\ud800""#, #""\ud800\u0041""#, #""\udc00\ud800""#, "1 1",
    "nan", "0x10", "inf",
  ])
  func `What is not JSON`(text: String) {
    #expect(throws: JSONReader.SyntaxError.self) { try read(text) }
  }

  @Test func `Deep nesting is refused, not followed`() {
    #expect(throws: JSONReader.SyntaxError.self) { try read(String(repeating: "[", count: 100_000)) }
  }

  @Test func `Random edits of a document never crash`() {
    let document = Array(#"{"a": [1, -2.5e3, "x\u00e9\n"], "b": {"c": null, "d": [true, false]}}"#.utf8)
    var generator = SeededGenerator(state: 3)
    for _ in 0..<20_000 {
      var bytes = document
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      _ = try? JSONReader.read(Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &generator))))
    }
  }
}
