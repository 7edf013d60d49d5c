import Testing

@testable import Checkpoint

/// Values of a model's JSON files by key and type. Invalid values are refused with file, key and value.
@Suite struct ModelSettingsTests {
  private static func settings(_ text: String) throws -> ModelSettings {
    try ModelSettings(file: "m/config.json", bytes: Array(text.utf8))
  }

  private func expect(
    _ refusal: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
  ) {
    let error = #expect(throws: ModelError.self, sourceLocation: sourceLocation) { try body() }
    #expect(error?.description == "m/config.json: \(refusal)", sourceLocation: sourceLocation)
  }

  @Test func takesValuesByKind() throws {
    let settings = try Self.settings(
      #"{"b":true,"i":512,"f":512.0,"e":5.12e2,"d":1e-12,"s":"x","l":["a","b"],"o":{"p":{"q":1}},"n":null,"r":[{"k":2}]}"#
    )
    #expect(try settings.bool("b") == true)
    for key in ["i", "f", "e"] { #expect(try settings.int(key, in: 1...1024) == 512) }
    #expect(try settings.double("d", in: 0...1) == 1e-12)
    #expect(try settings.double("i", in: 0...1024) == 512)
    #expect(try settings.string("s") == "x")
    #expect(try settings.strings("l") == ["a", "b"])
    #expect(try settings.object("o")?.object("p")?.int("q", in: 0...1) == 1)
    #expect(try settings.objects("r")?.first?.int("k", in: 0...9) == 2)
    #expect(settings.keys == ["b", "i", "f", "e", "d", "s", "l", "o", "n", "r"])
  }

  @Test(arguments: ["{}", #"{"k":null}"#])
  func absentAndNullValuesAreNil(text: String) throws {
    let settings = try Self.settings(text)
    #expect(try settings.bool("k") == nil)
    #expect(try settings.int("k", in: 0...1) == nil)
    #expect(try settings.double("k", in: 0...1) == nil)
    #expect(try settings.string("k") == nil)
    #expect(try settings.strings("k") == nil)
    #expect(try settings.object("k") == nil)
    #expect(try settings.objects("k") == nil)
    #expect(settings.contains("k") == (text != "{}"))
  }

  @Test(arguments: [
    ("1e30", "1e30 is outside 1 … 16384"), ("9223372036854775808", "9223372036854775808 is outside 1 … 16384"),
    ("1e400", "1e400 is outside 1 … 16384"), ("-1e400", "-1e400 is outside 1 … 16384"),
    ("0", "0 is outside 1 … 16384"), ("-3", "-3 is outside 1 … 16384"), ("32.5", "32.5 is not a whole number"),
    ("NaN", "NaN is not a whole number"), ("Infinity", "Infinity is not a whole number"),
    ("\"768\"", "is a text, not a whole number"), ("true", "is true, not a whole number"),
    ("[768]", "is an array, not a whole number"), ("{}", "is an object, not a whole number"),
  ])
  func refusesWholeNumbersByRangeAndKind(value: String, reason: String) throws {
    let settings = try Self.settings(#"{"hidden_size": \#(value)}"#)
    expect("hidden_size: \(reason)") { _ = try settings.int("hidden_size", in: 1...16_384) }
  }

  @Test(arguments: [
    ("NaN", "NaN is outside 0 … 0.5"), ("-Infinity", "-Infinity is outside 0 … 0.5"),
    ("1e400", "1e400 is outside 0 … 0.5"), ("0.6", "0.6 is outside 0 … 0.5"),
    ("\"0\"", "is a text, not a number"), ("false", "is false, not a number"),
  ])
  func refusesNumbersByRangeAndKind(value: String, reason: String) throws {
    let settings = try Self.settings(#"{"layer_norm_eps": \#(value)}"#)
    expect("layer_norm_eps: \(reason)") { _ = try settings.double("layer_norm_eps", in: 0...0.5) }
  }

  @Test func takesNumbersForTruthOnlyWhereAsked() throws {
    let settings = try Self.settings(#"{"one":1,"zero":0.0,"two":2,"half":0.5,"text":"true"}"#)
    #expect(try settings.bool("one", takesNumbers: true) == true)
    #expect(try settings.bool("zero", takesNumbers: true) == false)
    expect("one: is a number, not true or false") { _ = try settings.bool("one") }
    expect("two: 2 is neither true nor false") { _ = try settings.bool("two", takesNumbers: true) }
    expect("half: 0.5 is neither true nor false") { _ = try settings.bool("half", takesNumbers: true) }
    expect("text: is a text, not true or false") { _ = try settings.bool("text", takesNumbers: true) }
  }

  @Test func namesThePlaceOfWhatIsInside() throws {
    let settings = try Self.settings(#"{"a":{"b":{"c":1}},"l":["x",1],"o":[{},{"k":[]}],"m":[1]}"#)
    expect("a.b.c: is a number, not a text") { _ = try settings.object("a")?.object("b")?.string("c") }
    expect("l[1]: is a number, not a text") { _ = try settings.strings("l") }
    expect("o[1].k: is an array, not a text") { _ = try settings.objects("o")?[1].string("k") }
    expect("m[0]: is a number, not an object") { _ = try settings.objects("m") }
    expect("a: is an object, not a list of texts") { _ = try settings.strings("a") }
  }

  @Test func longNumbersAreCut() throws {
    let settings = try Self.settings(#"{"k": \#(String(repeating: "9", count: 5_000))}"#)
    expect("k: \(String(repeating: "9", count: 40))… is outside 0 … 1") { _ = try settings.int("k", in: 0...1) }
  }

  @Test func theLastOfTwoEqualKeysIsUsed() throws {
    #expect(try Self.settings(#"{"k":1,"k":2}"#).int("k", in: 0...9) == 2)
  }

  @Test(arguments: [
    ("", "not valid JSON at byte 0: it ends early"), ("{'a': 1}", "not valid JSON at byte 1: "),
    ("[]", "is an array, not a JSON object"), ("null", "is null, not a JSON object"),
    (#"{"a": 1,}"#, "not valid JSON at byte 8: "), (#"{"a": nan}"#, "not valid JSON at byte 6: "),
    (String(repeating: "[", count: 100_000), "nested more than 64 levels deep"),
  ])
  func refusesWhatIsNotAnObject(text: String, reason: String) {
    let error = #expect(throws: ModelError.self) { try Self.settings(text) }
    #expect(error?.description.hasPrefix("m/config.json: \(reason)") == true, "\(String(describing: error))")
  }

  @Test func readsListsOfObjects() throws {
    let list = try ModelSettings.list(file: "m/config.json", bytes: Array(#"[{"idx":0},{"idx":"1"}]"#.utf8))
    #expect(list.count == 2)
    expect("[1].idx: is a text, not a whole number") { _ = try list[1].int("idx", in: 0...9) }
    expect("is an object, not a JSON list") {
      _ = try ModelSettings.list(file: "m/config.json", bytes: Array("{}".utf8))
    }
    expect("[0]: is a number, not an object") {
      _ = try ModelSettings.list(file: "m/config.json", bytes: Array("[1]".utf8))
    }
  }
}
