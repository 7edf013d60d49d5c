import NIOHTTP1
import Service
import Testing

@testable import Admin

@Suite struct AdminPathsTests {
  private let readiness = Readiness()
  private let paths: AdminPaths

  init() {
    paths = AdminPaths(readiness: readiness, metrics: PrometheusRegistry([]))
  }

  @Test func lifeAndReadiness() {
    #expect(paths.reply(.GET, "/livez").body == "ok\n")
    #expect(paths.reply(.GET, "/readyz").status == .serviceUnavailable)
    readiness.set(.serving)
    #expect(paths.reply(.GET, "/readyz").status == .ok)
    readiness.set(.stopping)
    #expect(paths.reply(.GET, "/readyz").body == "not ready\n")
    #expect(paths.reply(.GET, "/livez").status == .ok)
  }

  @Test(arguments: ["/livez", "/livez/", "//livez", "/livez?verbose", "/livez?/more", "http://server:8080/livez"])
  func waysToNameAPath(_ target: String) {
    #expect(paths.reply(.GET, target).status == .ok)
    #expect(paths.reply(.HEAD, target).status == .ok)
    #expect(paths.reply(.POST, target).allow == "GET, HEAD")
  }

  @Test(arguments: [
    "", "*", "/", "?", "livez:", "http:", "http://", "http://livez", "/livez/more", "/LIVEZ", "/%6civez",
  ])
  func pathsThatAreNone(_ target: String) {
    #expect(paths.reply(.GET, target) == AdminReply(status: .notFound))
    #expect(paths.reply(.POST, target) == AdminReply(status: .notFound))
  }
}
