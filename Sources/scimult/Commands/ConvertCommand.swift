import ArgumentParser
import Service
import Transformer

/// `scimult convert`: writes a model to one file that is mapped at start.
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Makes one file of a model, ready to be used where it lies.",
    discussion: """
      The file holds the packed weights, the vocabulary and the model's shape. It is checked and mapped at start, so \
      that a server answers at once and processes share its memory. It is laid out for the instruction set of the CPU \
      that converts; another one reads it too, but packs the weights again at each start, and says so. It appears \
      whole, and never in the place of a file of the model.

      Experts are laid into it by task and role: adapters (of the adapters library, or LoRA of peft) and whole encoders of \
      the model's shape. The tasks that are named are those that the file serves, in the place of what the model's own \
      files say of experts.

      Examples:
        scimult convert models/scimult -o scimult.scimult
        scimult convert models/scimult -o scimult.scimult --precision fp32
        scimult convert specter2_base --expert search:query=specter2_adhoc_query \\
          --expert search:candidate=specter2 --expert link_prediction=specter2 -o specter2.scimult
        scimult serve --model scimult.scimult
      """)

  @Argument(help: ArgumentHelp("The model's folder.", valueName: "MODEL"))
  var model: String

  @Option(name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "FILE.scimult"))
  var output: String

  @Option(
    name: .customLong("expert"), parsing: .singleValue,
    help: ArgumentHelp(
      "An expert for a task, or for one of its roles (query, candidate): the folder of an adapter or of a whole encoder; "
        + "an empty PATH for the model's encoder as it is. May be given again.",
      valueName: "TASK[:ROLE]=PATH"))
  var experts: [ExpertAssignment] = []

  @Option(help: "The encoder's arithmetic: auto (int8), int8, bf16 or fp32.")
  var precision = Precision.auto

  func validate() throws {
    try precision.validate()
    guard output != "-" else { throw ValidationError("-o -: a converted model is mapped, so it must be a file.") }
  }

  func run() throws {
    try FilesRead(model: model, experts: experts.compactMap(\.path), outputSuffixes: [".scimult"])
      .refuse(output: output)
    let served = try ServedModel(
      try DocumentReader(path: model, experts: experts), precision: precision.requested)
    let file = try OutputFile(path: output)
    try ConvertedModel.write(served.encoder, tokenizerFiles: served.reader.tokenizerFiles().all) { bytes in
      try file.write(bytes)
    }
    try file.finish()
  }
}

extension ExpertAssignment: ExpressibleByArgument {
  public init?(argument: String) {
    self.init(argument)
  }
}
