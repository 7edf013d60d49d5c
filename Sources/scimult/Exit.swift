import ArgumentParser

/// Exit codes: 0 done, 1 the work failed, 2 wrong use.
enum Exit {
  /// Tells the user why a command ended.
  /// - Parameter say: writes to standard error.
  /// - Returns: the exit code.
  static func report(_ error: any Error, say: (String) -> Void = Console.error) -> Int32 {
    if error is ClosedPipe { return 0 }
    if let code = error as? ExitCode { return code.rawValue }
    switch Scimult.exitCode(for: error) {
    case .success:
      Console.output(Scimult.fullMessage(for: error) + "\n")
      return 0
    case .validationFailure:
      say(Scimult.fullMessage(for: error) + "\n")
      return 2
    default:
      say("scimult: \(Self.line(error))\n")
      return 1
    }
  }

  private static func line(_ error: any Error) -> String {
    String(describing: error).replacing("\n", with: " ")
  }
}

/// Why the work failed, in one line with the remedy.
struct Failure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

/// The reader of the results has closed the pipe: this is not a failure, and needs no message.
struct ClosedPipe: Error {}
