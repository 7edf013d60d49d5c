import ArgumentParser
import Service
import Transformer

/// `scimult convert`: a model in one file that is mapped at start.
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Makes one file of a model, ready to be used where it lies.",
    discussion: """
      The file holds the packed weights, the vocabulary and the model's shape. It is checked and mapped at start, so \
      that a server answers at once and processes share its memory. It is laid out for the instruction set of the CPU \
      that converts; another one reads it too, but packs the weights again at each start, and says so. It appears \
      whole, and never in the place of a file of the model.

      Examples:
        scimult convert models/scimult -o scimult.scimult
        scimult convert models/scimult -o scimult.scimult --precision fp32
        scimult serve --model scimult.scimult
      """)

  @Argument(help: ArgumentHelp("The model's folder.", valueName: "MODEL"))
  var model: String

  @Option(name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "FILE.scimult"))
  var output: String

  @Option(help: "The encoder's arithmetic: auto (int8), int8, bf16 or fp32.")
  var precision = Precision.auto

  func validate() throws {
    try precision.validate()
    guard output != "-" else { throw ValidationError("-o -: a converted model is mapped, so it must be a file.") }
  }

  func run() throws {
    try FilesRead(model: model, outputSuffixes: [".scimult"]).refuse(output: output)
    let served = try ServedModel(path: model, precision: precision.requested)
    let file = try OutputFile(path: output)
    try ConvertedModel.write(served.encoder, tokenizerFiles: served.reader.tokenizerFiles().all) { bytes in
      try file.write(bytes)
    }
    try file.finish()
  }
}
