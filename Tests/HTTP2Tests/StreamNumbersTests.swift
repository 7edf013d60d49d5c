import TestSupport
import Testing

@testable import HTTP2

/// Stream ids that a client skips.
@Suite struct StreamNumbersTests {
  /// Which of the ids may be opened, one after the other.
  private static func allowed(_ ids: some Sequence<Int32>) -> [Int32] {
    var numbers = StreamNumbers()
    return ids.filter { numbers.mayOpen($0) }
  }

  @Test func numbersInOrderAreFine() {
    let ids: [Int32] = [1, 3, 5, 5, 3, 7]
    #expect(Self.allowed(ids) == ids)
  }

  @Test func numbersThatWerePassedOverAreNot() {
    #expect(Self.allowed([5, 11, 1, 3, 7, 9, 5, 13]) == [5, 11, 5, 13])
  }

  @Test func theNewestGapsAreRemembered() {
    let ids = Array(stride(from: Int32(1), to: 40_001, by: 4))
    #expect(Self.allowed(ids + [39_995]) == ids)
  }

  @Test func aLowerNumberEndsTheConnection() async throws {
    let server = try await TestServer()
    try await conversation {
      let client = try server.client()
      client.post("/echo", stream: 5)
      client.post("/echo", stream: 3)
      let goAway = try client.receive(.goAway)
      #expect(goAway.number(at: 4) == 1, "PROTOCOL_ERROR")
      _ = try client.untilClosed()
    }
    try await server.stop()
  }
}
