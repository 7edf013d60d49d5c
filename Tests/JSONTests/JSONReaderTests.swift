import JSON
import Testing

@Suite struct JSONReaderTests {
  private func read(_ text: String, _ policy: JSONReader.Policy = .strict) throws(JSONError) -> JSONValue {
    try JSONReader(policy).read(Array(text.utf8))
  }

  private func error(_ text: String, _ policy: JSONReader.Policy = .strict) -> JSONError? {
    do {
      _ = try read(text, policy)
      return nil
    } catch {
      return error
    }
  }

  @Test func readsEveryKind() throws {
    let value = try read(#" {"a": [1, -2.5e3, true, false, null], "b": {"c": "x"}, "d": [], "e": {}} "#)
    #expect(value["a"]?.array?.count == 5)
    #expect(value["a"]?.array?[1].number?.double == -2500)
    #expect(value["a"]?.array?[4].isNull == true)
    #expect(value["b"]?["c"]?.string == "x")
    #expect(value["d"] == .array([]))
    #expect(value["e"] == .object(JSONObject([])))
  }

  @Test(arguments: ["0", "-0", "12345.0", "1e3", "1E+3", "1e400", "3.14", "123456789012345678901234567890123456789012"])
  func numbersKeepTheirDigits(_ digits: String) throws {
    #expect(try read(digits).number?.text == digits)
    #expect(try read("[\(digits)]").text == "[\(digits)]")
  }

  @Test func integersAreRecognised() throws {
    #expect(try read("512").number?.integer == 512)
    #expect(try read("512.0").number?.integer == 512)
    #expect(try read("5.12e2").number?.integer == 512)
    #expect(try read("9223372036854775807").number?.integer == .max)
    #expect(try read("32.5").number?.integer == nil)
    #expect(try read("1e30").number?.integer == nil)
    #expect(try read("9223372036854775808").number?.integer == nil)
  }

  @Test(arguments: [
    ("{\"text\":\"a\",}", 12), ("01", 0), ("-", 0), ("+1", 0), (".5", 0), ("1.", 2), ("1e", 2), ("[1 2]", 3),
    ("{'a':1}", 1), ("{\"a\" 1}", 5), ("nul", 0), ("", 0), ("[", 1), ("\"a", 2), ("\"a\nb\"", 2), ("\"\\x\"", 1),
    ("\"\\u12g4\"", 3), ("1 2", 2), ("NaN", 0), ("Infinity", 0), ("-Infinity", 0), ("// a", 0), ("\u{feff}1", 0),
  ])
  func whatIsNotJSONIsRefusedWithItsPlace(_ text: String, _ offset: Int) {
    let error = error(text)
    #expect(error?.offset == offset)
    #expect(error?.description.hasPrefix("not valid JSON at byte \(offset): ") == true)
  }

  @Test func theLastOfTwoEqualKeysIsUsed() throws {
    let value = try read(#"{"a": 1, "b": 2, "a": 3}"#)
    #expect(value["a"]?.number?.integer == 3)
    #expect(value.object?.members.count == 3)
  }

  @Test func namesAreComparedByTheirScalars() throws {
    let value = try read("{\"\u{e9}\": 1, \"e\u{301}\": 2}")
    #expect(value["\u{e9}"]?.number?.integer == 1)
    #expect(value["e\u{301}"]?.number?.integer == 2)
  }

  @Test func escapes() throws {
    #expect(try read(#""\"\\\/\b\f\n\r\t\u0041\ud835\udd04é""#).string == "\"\\/\u{8}\u{c}\n\r\tA\u{1d504}é")
    #expect(try read(#""a\u0000b""#).string == "a\0b")
  }

  @Test(arguments: [
    (#""\ud835""#, "\u{fffd}"), (#""\udd04""#, "\u{fffd}"), (#""\ud835x""#, "\u{fffd}x"),
    (#""\udd04\ud835""#, "\u{fffd}\u{fffd}"), (#""\ud835\ud835\udd04""#, "\u{fffd}\u{1d504}"),
    (#""\ud835\n""#, "\u{fffd}\n"), (#""\ud835A""#, "\u{fffd}A"),
  ])
  func loneSurrogatesAreReplacedOrRefused(_ text: String, _ expected: String) throws {
    #expect(try read(text, .lenient).string == expected)
    #expect(error(text)?.description.contains("half of a surrogate pair") == true)
  }

  @Test func nonFiniteNumbersAreTakenWhereTheyMay() throws {
    let values = try read("[NaN, Infinity, -Infinity]", .lenient).array ?? []
    #expect(values.compactMap { $0.number?.text } == ["NaN", "Infinity", "-Infinity"])
    #expect(values[0].number?.isNaN == true)
    #expect(values[1].number?.isFinite == false)
    #expect(error("[Nan]", .lenient)?.offset == 1)
    #expect(error("-Infinite", .lenient)?.offset == 0)
  }

  @Test func depthIsBounded() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(throws: Never.self) { try read(nested(512), .lenient) }
    #expect(error(nested(513), .lenient) == JSONError(offset: 512, reason: .tooDeep(limit: 512)))
    #expect(error(String(repeating: "{\"a\":", count: 100_000))?.description.contains("levels deep") == true)
  }

  @Test(
    arguments: [
      ([0x22, 0x61, 0xff, 0x22], 2), ([0x22, 0xc3, 0x22], 1), ([0x22, 0xed, 0xa0, 0x80, 0x22], 1),
      ([0x22, 0x5c, 0x6e, 0x61, 0xfe, 0x22], 4),
    ] as [([UInt8], Int)])
  func whatIsNotUTF8IsRefusedWithItsPlace(_ bytes: [UInt8], _ offset: Int) {
    #expect(throws: JSONError(offset: offset, reason: .notUTF8)) { try JSONReader(.lenient).read(bytes) }
  }

  @Test(arguments: ["{\"a\": \"\u{1}\", ", "[01", "nul", String(repeating: "[", count: 600)])
  func invalidUTF8IsReportedBeforeOtherErrors(_ text: String) {
    let bytes = Array(text.utf8)
    #expect(throws: JSONError(offset: bytes.count, reason: .notUTF8)) { try JSONReader(.lenient).read(bytes + [0xff]) }
  }

  @Test func selectedMembersCanBeRead() throws {
    let text = #"{"a": {"b": 1, "c": ["é", 2]}, "b": "\n", "d": [{"a": 3}], "e": -1e9, "a": 4, "\u0064": true}"#
    let value = try JSONReader(.strict).read(Array(text.utf8), members: ["a", "d"])
    #expect(value.text == #"{"a":{"b":1,"c":["é",2]},"d":[{"a":3}],"a":4,"d":true}"#)
    #expect(try JSONReader(.strict).read(Array("[{\"x\": 1}]".utf8), members: []).text == "[{\"x\":1}]")
  }

  @Test(arguments: [
    #"{"x": 01}"#, #"{"x": [1,]}"#, #"{"x": {"y" 1}}"#, #"{"x": "\ud835"}"#, #"{"x": "\q"}"#, #"{"x": NaN}"#,
    #"{"x": tru}"#,
    "{\"x\": \"\t\"}",
  ])
  func membersThatAreNotReadAreChecked(_ text: String) throws {
    let expected = try #require(error(text))
    #expect(throws: expected) { try JSONReader(.strict).read(Array(text.utf8), members: ["a"]) }
  }

  @Test func aSliceIsReadFromItsStart() throws {
    let bytes = Array("xx[1]yy".utf8)
    #expect(try JSONReader(.strict).read(bytes[2..<5]).text == "[1]")
  }
}
