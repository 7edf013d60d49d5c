import ArgumentParser
import Transformer

/// The arithmetic of the encoder.
enum Precision: String, ExpressibleByArgument, CaseIterable {
  case auto, int8, bf16, fp32

  /// - Throws: a validation error for one that is not built.
  func resolved() throws -> Precision {
    switch self {
    case .auto, .fp32: .fp32
    case .int8, .bf16:
      throw ValidationError("--precision \(rawValue) is not built into this version; use auto or fp32.")
    }
  }
}

/// Which model, and how it computes.
struct ModelOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The model's folder.", valueName: "MODEL"))
  var model: String

  @Option(help: "The encoder's arithmetic: auto (fp32), int8, bf16 or fp32.")
  var precision = Precision.auto

  @Option(help: ArgumentHelp("Threads that encode (default: the cores that the process may use).", valueName: "N"))
  var threads: Int?

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads \(threads) is outside 1 … 1024.")
    }
    _ = try precision.resolved()
  }

  var threadCount: Int { threads ?? AvailableCores.count }
}

extension EncodingTask: ExpressibleByArgument {
  public init?(argument: String) {
    self.init(name: argument)
  }
}

extension EncodingRole: ExpressibleByArgument {}
