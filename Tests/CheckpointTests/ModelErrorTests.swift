import Testing

@testable import Checkpoint

@Suite struct ModelErrorTests {
  @Test func isOneLine() {
    #expect(ModelError(file: "f", entry: "e", reason: "r").description == "f: e: r")
    #expect(ModelError(file: "f", reason: "r").description == "f: r")
    let hostile = ModelError(file: "f", entry: "a\nb\u{1b}[31m\u{2028}\u{202e}", reason: "r\u{0}")
    #expect(hostile.description == "f: a\\u{a}b\\u{1b}[31m\\u{2028}\\u{202e}: r\\u{0}")
  }

  @Test func isCutToALengthForALog() {
    let error = ModelError(
      file: "f", entry: String(repeating: "n", count: 1 << 20), reason: String(repeating: "r", count: 1 << 20))
    #expect(error.description.count < 1000)
  }
}
