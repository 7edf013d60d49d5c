import ArgumentParser
import HTTP2
import Testing

@testable import scimult

/// Options of `scimult serve` from the environment.
@Suite struct EnvironmentOptionsTests {
  private static func serve(_ environment: [String: String], _ arguments: [String]) throws -> ServeCommand {
    let all = EnvironmentOptions.adding(environment, to: ["serve"] + arguments)
    return try #require(try Scimult.parseAsRoot(all) as? ServeCommand)
  }

  @Test func everyOptionOfServeHasAVariable() {
    let options = [
      "model", "precision", "threads", "listen", "admin", "model-name", "max-batch-tokens", "max-queue-tokens",
      "max-documents", "max-message-bytes", "max-receive-bytes", "max-concurrent-streams", "max-connections",
      "drain-seconds", "log-level", "log-format",
    ]
    #expect(Set(ServeCommand.optionNames.map(\.name)).isSuperset(of: options))
    #expect(EnvironmentOptions.variable(for: "max-batch-tokens") == "SCIMULT_MAX_BATCH_TOKENS")
  }

  @Test func aVariableStandsInForItsOption() throws {
    let command = try Self.serve(
      ["SCIMULT_MODEL": "m", "SCIMULT_MAX_BATCH_TOKENS": "77", "SCIMULT_LISTEN": "[::1]:9", "SCIMULT_ADMIN": "off"], [])
    #expect(command.modelOptions.model == "m")
    #expect(command.maxBatchTokens == 77)
    #expect(command.listen.address == .hostAndPort(host: "::1", port: 9))
    #expect(command.admin == .off)
    #expect(command.maxQueueTokens == 262_144, "what is not said keeps its default")
  }

  @Test(arguments: [["--max-documents", "5"], ["--max-documents=5"]])
  func theOptionWins(arguments: [String]) throws {
    let command = try Self.serve(["SCIMULT_MAX_DOCUMENTS": "9", "SCIMULT_MODEL": "m"], arguments)
    #expect(command.maxDocuments == 5)
  }

  @Test func aValueMayLookLikeAnOption() throws {
    #expect(try Self.serve(["SCIMULT_MODEL": "--odd name"], []).modelOptions.model == "--odd name")
  }

  @Test func anEmptyVariableIsNone() throws {
    #expect(try Self.serve(["SCIMULT_MODEL": "m", "SCIMULT_THREADS": ""], []).modelOptions.threads == nil)
  }

  @Test func aBadValueIsRefusedLikeOneOfTheCommandLine() {
    #expect(throws: (any Error).self) { try Self.serve(["SCIMULT_MODEL": "m", "SCIMULT_THREADS": "many"], []) }
    #expect(throws: (any Error).self) { try Self.serve(["SCIMULT_MODEL": "m", "SCIMULT_MAX_DOCUMENTS": "0"], []) }
  }

  @Test(arguments: [("1", true), ("true", true), ("0", false), ("no", false), ("", false)])
  func aVariableTurnsOnWhatHasNoValue(value: String, isOn: Bool) throws {
    #expect(try Self.serve(["SCIMULT_MODEL": "m", "SCIMULT_NO_REFLECTION": value], []).noReflection == isOn)
    #expect(throws: (any Error).self) { try Self.serve(["SCIMULT_MODEL": "m", "SCIMULT_NO_REFLECTION": "maybe"], []) }
  }

  @Test(arguments: [["encode"], ["inspect", "serve"], [], ["--help"]])
  func otherCommandsReadNoVariables(arguments: [String]) {
    #expect(EnvironmentOptions.adding(["SCIMULT_MODEL": "m"], to: arguments) == arguments)
  }
}
