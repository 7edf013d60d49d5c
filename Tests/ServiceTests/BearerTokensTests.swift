import Foundation
import GRPC
import Testing

@testable import Service

/// Which clients may call.
@Suite struct BearerTokensTests {
  /// A token file that is removed after the test.
  private final class TokenFile {
    let path = NSTemporaryDirectory() + "tokens-\(UUID().uuidString)"

    init(_ text: String) throws { try write(text) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String) throws { try text.write(toFile: path, atomically: true, encoding: .utf8) }
  }

  /// The output of `printf s3cret | sha256sum`.
  private static let hashOfSecret = "1ec1c26b50d5d3c58d9583181af8076655fe00756bf7285940ba3670f99fcba0"

  private static func tokens(_ text: String) throws -> BearerTokens {
    let file = try TokenFile(text)
    return try withExtendedLifetime(file) { try BearerTokens(path: file.path) }
  }

  @Test func theFilesTokensAreAccepted() throws {
    let tokens = try Self.tokens("# two clients\nfirst-token\n\n  second.token~+/=  \n")
    for token in ["first-token", "second.token~+/="] { #expect(tokens.accepts("Bearer \(token)")) }
    #expect(tokens.accepts("bearer first-token"), "the scheme's case does not matter")
    let bad: [String?] = [
      nil, "", "Bearer", "Bearer ", "first-token", "Basic first-token", "Bearer first-toke", "Bearer first-token ",
      "Bearer  first-token", "Bearer first-tokenx", "Bearer # two clients", "Bearer First-token",
    ]
    for header in bad { #expect(!tokens.accepts(header), "\(header ?? "none")") }
  }

  @Test func aHashStandsForItsToken() throws {
    let tokens = try Self.tokens("sha256:\(Self.hashOfSecret)\n")
    #expect(tokens.accepts("Bearer s3cret"))
    #expect(!tokens.accepts("Bearer \(Self.hashOfSecret)"))
    #expect(!tokens.accepts("Bearer sha256:\(Self.hashOfSecret)"))
  }

  @Test(arguments: ["two words", "good\nsha256:12", "sha256:\(String(repeating: "g", count: 64))"])
  func aLineThatIsNoTokenIsNamed(text: String) throws {
    let error = try #require(throws: TokenFileError.self) { try Self.tokens(text) }
    #expect(error.description.contains("line \(text.split(separator: "\n").count):"))
    #expect(!error.description.contains("two words"), "tokens are not shown")
  }

  @Test func aFileWithoutTokensIsRefused() {
    #expect(throws: TokenFileError.self) { try Self.tokens("# none\n\n") }
    #expect(throws: TokenFileError.self) { try BearerTokens(path: "/no/such/file") }
  }

  @Test func aFileIsReadAgainAndAWrongOneChangesNothing() throws {
    let file = try TokenFile("old")
    let tokens = try BearerTokens(path: file.path)
    try file.write("new\nold")
    try tokens.reload()
    #expect(tokens.accepts("Bearer new") && tokens.accepts("Bearer old"))
    try file.write("two words")
    #expect(throws: TokenFileError.self) { try tokens.reload() }
    #expect(tokens.accepts("Bearer new"))
    try file.write("new")
    try tokens.reload()
    #expect(!tokens.accepts("Bearer old"))
  }

  @Test func openServicesNeedNone() throws {
    let authorize = try Self.tokens("token").authorization(openServices: ["grpc.health.v1.Health"])
    try authorize("/grpc.health.v1.Health/Check", nil)
    try authorize("/scimult.v1.SciMult/Encode", "Bearer token")
    for path in ["/scimult.v1.SciMult/Encode", "/grpc.health.v1.HealthX/Check", "grpc.health.v1.Health/Check"] {
      let status = try #require(throws: Status.self) { try authorize(path, nil) }
      #expect(status.code == .unauthenticated)
      #expect(status.message.contains("Bearer"))
    }
  }
}
