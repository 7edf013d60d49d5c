import Testing

@testable import Admin

@Suite struct HTTPDateTests {
  /// The first is the example of RFC 9110.
  @Test(arguments: [
    (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
    (1_709_164_800, "Thu, 29 Feb 2024 00:00:00 GMT"), (1_767_225_599, "Wed, 31 Dec 2025 23:59:59 GMT"),
  ])
  func dates(_ seconds: Int, _ text: String) {
    #expect(HTTPDate.text(seconds) == text)
  }
}
