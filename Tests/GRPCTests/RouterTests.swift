import Testing

@testable import GRPC

/// Methods by path.
@Suite struct RouterTests {
  private let router = Router(methods: ["/a.B/C": .unary { _ in }])

  @Test func findsAMethodByItsWholePath() throws {
    _ = try router.method(for: "/a.B/C")
  }

  @Test(
    arguments: [
      ("/a.B/D", "a.B/D"), ("/x.Y/C", "x.Y/C"), ("a.B/C", "a.B/C"), ("/a.B/c", "a.B/c"), ("/a.B/C/", "a.B/C/"),
      ("", "is not implemented"),
    ])
  func namesAnUnknownMethod(path: String, name: String) throws {
    let status = try #require(throws: Status.self) { try router.method(for: path) }
    #expect(status.code == .unimplemented)
    #expect(status.message.contains(name))
  }

  @Test func aLongPathIsCut() throws {
    let path = "/" + String(repeating: "p", count: 10_000)
    let status = try #require(throws: Status.self) { try router.method(for: path) }
    #expect(status.message.count < 400)
  }
}
