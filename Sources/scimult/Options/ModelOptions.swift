import ArgumentParser
import Service
import Transformer

/// The arithmetic of the encoder.
enum Precision: String, ExpressibleByArgument, CaseIterable {
  case auto, int8, bf16, fp32

  func validate() throws {
    guard requested?.isAvailable ?? true else {
      throw ValidationError("--precision \(rawValue): the CPU, or the chosen kernels, have no such instructions.")
    }
  }

  /// nil if the model decides.
  var requested: EncoderPrecision? {
    switch self {
    case .auto: nil
    case .int8: .int8
    case .bf16: .bf16
    case .fp32: .fp32
    }
  }
}

/// The model, and its arithmetic.
struct ModelOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The model's folder, or a file that scimult convert made.", valueName: "MODEL"))
  var model: String

  @Option(help: "The encoder's arithmetic: auto (int8, or what a converted file holds), int8, bf16 or fp32.")
  var precision = Precision.auto

  @Option(help: ArgumentHelp("Threads that encode (default: the cores that the process may use).", valueName: "N"))
  var threads: Int?

  func validate() throws {
    // This happens with an unset variable of a shell.
    guard !model.isEmpty else { throw ValidationError("--model is empty: give a model's folder or file.") }
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads \(threads) is outside 1 … 1024.")
    }
    try precision.validate()
  }

  /// Reads the model; prints a line on standard error if its weights had to be packed again.
  func load() throws -> ServedModel {
    let reader = try DocumentReader(path: model)
    let footprint = try reader.blueprint.footprint(precision: precision.requested)
    try StartProbe.check(
      bytes: footprint.weightBytes + max(footprint.loadingBytes, threadCount * 2 * footprint.scratchBytes),
      for: "the model and \(threadCount) threads (--threads)")
    let model = try ServedModel(reader, precision: precision.requested)
    if let notice = model.blueprint.repacking { Console.error(notice + "\n") }
    return model
  }

  var threadCount: Int { threads ?? AvailableCores.count }
}

extension EncodingTask: ExpressibleByArgument {
  public init?(argument: String) {
    self.init(name: argument)
  }
}

extension EncodingTask {
  /// The error for a task that the model does not serve. A name that is not in the contract is wrong use, like any
  /// other invalid value of an option.
  func error(_ refusal: String) -> any Error {
    Self.standard.contains(self) ? Failure(refusal) : ValidationError(refusal)
  }
}

extension EncodingRole: ExpressibleByArgument {}
