import Testing

@testable import GRPC

/// Methods by path.
@Suite struct RouterTests {
  private let router = Router(methods: ["/a.B/C": .unary { _ in }])

  @Test func findsAMethodByItsWholePath() throws {
    #expect(try router.route(for: "/a.B/C").path == "/a.B/C")
    #expect(router.number(of: "/a.B/C") == 0 && router.number(of: "/a.B/D") == nil)
  }

  @Test func numbersItsMethodsAnewWhenOthersJoin() throws {
    let all = router.merging(Router(methods: ["/a.A/Z": .stream { _ in }, "/a.B/C": .stream { _ in }]))
    #expect(all.routes.map(\.path) == ["/a.A/Z", "/a.B/C"] && all.routes.map(\.number) == [0, 1])
    #expect(!all.routes[1].method.isStreaming, "its own method wins")
  }

  @Test(
    arguments: [
      ("/a.B/D", "a.B/D"), ("/x.Y/C", "x.Y/C"), ("a.B/C", "a.B/C"), ("/a.B/c", "a.B/c"), ("/a.B/C/", "a.B/C/"),
      ("", "is not implemented"),
    ])
  func namesAnUnknownMethod(path: String, name: String) throws {
    let status = try #require(throws: Status.self) { try router.route(for: path) }
    #expect(status.code == .unimplemented)
    #expect(status.message.contains(name))
  }

  @Test func aLongPathIsCut() throws {
    let path = "/" + String(repeating: "p", count: 10_000)
    let status = try #require(throws: Status.self) { try router.route(for: path) }
    #expect(status.message.count < 400)
  }
}
