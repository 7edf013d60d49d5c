import ArgumentParser
import Glibc
import Tensor

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The command line.
struct Scimult: ParsableCommand {
  static let release = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "scimult",
    abstract: "Serves SciMult and other BERT encoders of scientific texts.",
    discussion: """
      A MODEL is a folder with config.json, a vocabulary (vocab.txt or tokenizer.json) and weights (*.ckpt, \
      model.safetensors or pytorch_model.bin), or one file that scimult convert made of it, which starts faster.

      Examples:
        scimult inspect models/scimult
        scimult convert models/scimult -o scimult.scimult
        scimult serve --model models/scimult --listen 127.0.0.1:50051
        scimult encode --model models/scimult --task search --input papers.jsonl --output papers.npy
        scimult rank --model models/scimult --task search --query "mixture of experts" --candidates papers.jsonl
      """,
    version: "scimult \(release)",
    subcommands: [
      ServeCommand.self, EncodeCommand.self, RankCommand.self, TokenizeCommand.self, InspectCommand.self,
      ConvertCommand.self, BenchCommand.self,
    ])

  /// Without a command, prints the help.
  func run() throws {
    Console.error(Self.helpMessage() + "\n")
    throw ExitCode(2)
  }
}

@main
enum Main {
  static func main() async {
    holdStandardStreams()
    // A reader that closes the pipe causes an error of the write, not a signal.
    signal(SIGPIPE, SIG_IGN)
    // If Swift's backtracer is installed, the runtime treats these signals as crashes: it stops the process for
    // seconds, and then the process goes on, because nothing has crashed. Both signals ask the process to end.
    for request in [SIGABRT, SIGQUIT] { SignalHandler.set(SIG_DFL, for: request) }
    let environment = ProcessInfo.processInfo.environment
    do {
      let arguments = Array(CommandLine.arguments.dropFirst())
      var command = try Scimult.parseAsRoot(EnvironmentOptions.adding(environment, to: arguments))
      if case .failure(let error) = InstructionSet.current { throw ValidationError(error.description) }
      try StartProbe.check(command)
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      exit(Exit.report(error))
    }
  }

  /// A file or connection that is opened later would get the number of a closed standard stream, and output to that
  /// stream would go into it. `/dev/null` takes its place, opened in the wrong direction, so that reads and writes fail
  /// as before.
  private static func holdStandardStreams() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      // The system uses the lowest free number.
      _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }
}
