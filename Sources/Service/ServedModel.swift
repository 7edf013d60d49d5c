import Checkpoint
import Transformer

/// A model ready to be served: how it reads, and its encoder.
public struct ServedModel: Sendable {
  /// What responses call the model.
  public let name: String
  public let reader: DocumentReader
  public let encoder: EncoderModel
  /// Equal where vectors can be compared: see `Fingerprint`.
  public let fingerprint: String

  /// Reads a model folder or a converted file with all checks.
  /// - Parameters:
  ///   - name: the model's own name by default.
  ///   - precision: the encoder's arithmetic; nil for that of a converted file, else int8.
  /// - Throws: `ModelError`: one line with the file, the entry and the reason why the model cannot be served.
  public init(
    path: String, name: String? = nil, precision: EncoderPrecision? = nil
  ) throws(ModelError) {
    try self.init(try DocumentReader(path: path), name: name, precision: precision)
  }

  /// Reads the weights of a model of which the rest is read.
  /// - Throws: `ModelError`, as above.
  public init(
    _ reader: DocumentReader, name: String? = nil, precision: EncoderPrecision? = nil
  ) throws(ModelError) {
    self.reader = reader
    encoder = try EncoderModel(reader.blueprint, precision: precision)
    self.name = name ?? reader.blueprint.name
    fingerprint =
      Fingerprint(
        reader.blueprint, weights: encoder.weightsDigest, tokenizer: reader.tokenizer.identity
      ).description
  }

  public var blueprint: ModelBlueprint { reader.blueprint }

  /// Why the model cannot embed for a task; nil where it can.
  public func refusal(of task: EncodingTask) -> String? {
    reader.refusal(of: task, name: name)
  }
}
