import Checkpoint
import Transformer

/// A model that is ready to be served: its reader and its encoder.
public struct ServedModel: Sendable {
  /// The model's name in responses.
  public let name: String
  public let reader: DocumentReader
  public let encoder: EncoderModel
  /// Equal fingerprints mean that vectors can be compared: see `Fingerprint`.
  public let fingerprint: String

  /// Reads a model folder or a converted file with all checks.
  /// - Parameters:
  ///   - name: the model's name; its own name by default.
  ///   - precision: the encoder's arithmetic; nil for that of a converted file, otherwise int8.
  /// - Throws: `ModelError`: one line with the file, the entry and the reason why the model cannot be served.
  public init(
    path: String, name: String? = nil, precision: EncoderPrecision? = nil
  ) throws(ModelError) {
    try self.init(try DocumentReader(path: path), name: name, precision: precision)
  }

  /// Reads the weights of a model whose other parts have been read.
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

  /// Why the model does not serve a task; nil if it does.
  public func refusal(of task: EncodingTask) -> String? {
    reader.refusal(of: task, name: name)
  }
}
