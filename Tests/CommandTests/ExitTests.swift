import ArgumentParser
import Testing

@testable import scimult

/// Exit codes: 0 success, 1 failure, 2 invalid command line.
@Suite struct ExitTests {
  /// The exit code of a command line that performs no work.
  private static func code(_ arguments: [String]) throws -> Int32 {
    let error = try #require(throws: (any Error).self) {
      var command = try Scimult.parseAsRoot(arguments)
      try command.run()
    }
    return Exit.report(error)
  }

  @Test(arguments: [["--help"], ["--version"], ["serve", "--help"], ["help", "encode"]])
  func helpAndVersionAreNoFailure(arguments: [String]) throws {
    #expect(try Self.code(arguments) == 0)
  }

  @Test func noCommandIsWrongUse() throws {
    #expect(try Self.code([]) == 2)
  }

  @Test(
    arguments: [
      ["serve"], ["serve", "--model"], ["serve", "--model", "m", "--no-such-option"], ["no-such-command"],
      ["serve", "--model", "m", "--threads", "0"], ["serve", "--model", "m", "--threads", "x"],
      ["serve", "--model", "m", "--listen", "nowhere"], ["serve", "--model", "m", "--admin", "unix:/x"],
      ["serve", "--model", "m", "--max-documents", "0"], ["serve", "--model", "m", "--drain-seconds", "-1"],
      ["serve", "--model", "m", "--log-level", "loud"], ["serve", "--model", "m", "--log-format", "xml"],
      ["serve", "--model", "m", "--precision", "int4"],
      ["serve", "--model", "m", "--model-name", ""],
      ["serve", "--model", "m", "--max-message-bytes", "2000", "--max-receive-bytes", "1000"],
      ["encode", "--model", "m"], ["encode", "--model", "m", "--task", ""],
      ["encode", "--model", "m", "--task", "search", "--role", "reader"],
      ["encode", "--model", "m", "--task", "search", "--output", "f.csv"], ["encode", "--task", "search"],
      ["rank", "--model", "m", "--task", "search", "--query", "q"],
      ["rank", "--model", "m", "--task", "search", "--query", "q", "--candidates", "c", "--top-k", "0"],
      ["tokenize"], ["inspect"], ["inspect", "a", "b"],
    ])
  func wrongUseIsTwo(arguments: [String]) {
    do {
      _ = try Scimult.parseAsRoot(arguments)
      Issue.record("accepted: \(arguments)")
    } catch {
      #expect(Exit.report(error) == 2)
    }
  }

  @Test(
    arguments: [
      ["serve", "--model", "m", "--precision", "fp32"], ["serve", "--model", "m", "--precision", "int8"],
      ["encode", "--model", "m", "--task", "link-prediction"],
      ["encode", "--model", "m", "--task", "link_prediction", "--role", "candidate", "--output", "f.npy"],
      ["rank", "--model", "m", "--task", "search", "--query", "q", "--candidates", "-", "--top-k", "3"],
      ["tokenize", "--model", "m"], ["inspect", "m", "--json"],
      ["encode", "--model", "m", "--task", "search", "--skip-bad-lines", "--threads", "2", "--precision", "auto"],
    ])
  func rightUseIsAccepted(arguments: [String]) throws {
    _ = try Scimult.parseAsRoot(arguments)
  }

  @Test func failedWorkIsOneAndAClosedPipeIsNone() {
    #expect(Exit.report(Failure("in two\nlines")) == 1)
    #expect(Exit.report(ClosedPipe()) == 0)
  }
}
