import Checkpoint
import Tensor

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The description of a model in a converted file, in addition to the weights.
public struct ConvertedModel: Codable, Sendable {
  static let entry = "model.json"

  let name: String
  let precision: EncoderPrecision
  /// The set of kernels for which the weights are laid out.
  let instructionSet: InstructionSet
  let configuration: Configuration
  /// The layout of each encoder.
  let layouts: [ExpertLayout]
  let routing: ExpertRouting
  let reading: Reading
  let head: Head
  let similarity: Similarity
  /// SHA-256 over all weights as they were read.
  let weightsDigest: [UInt8]

  init(_ model: EncoderModel, instructionSet: InstructionSet) {
    let blueprint = model.blueprint
    name = blueprint.name
    precision = model.precision
    self.instructionSet = instructionSet
    configuration = blueprint.configuration
    layouts = blueprint.layouts
    routing = blueprint.routing
    reading = blueprint.reading
    head = blueprint.head
    similarity = blueprint.similarity
    weightsDigest = model.weightsDigest
  }

  /// - Throws: `ModelError` for a file without this entry, or with one that contradicts itself.
  init(_ file: ConvertedFile) throws(ModelError) {
    func refusal(_ reason: String) -> ModelError { ModelError(file: file.path, entry: Self.entry, reason: reason) }
    guard let bytes = file.bytes(of: Self.entry) else { throw refusal("the entry is missing") }
    do {
      self = try JSONDecoder().decode(ConvertedModel.self, from: Data(bytes))
    } catch {
      throw refusal("cannot be read: convert the model again")
    }
    guard configuration.isServed, !layouts.isEmpty,
      layouts.allSatisfy({ $0.isServed(layers: configuration.layers) }),
      routing.isServed(experts: layouts.map(\.experts)), reading.isServed(positions: configuration.maxPositions),
      head.isServed(hiddenSize: configuration.hiddenSize)
    else { throw refusal("describes a model that cannot be served: convert it again") }
  }
}

extension ConvertedModel {
  /// Writes a model with everything that serving it needs.
  /// - Parameters:
  ///   - tokenizerFiles: the names and contents of the files that the tokenizer reads.
  ///   - sink: receives the file's bytes, in order.
  public static func write(
    _ model: EncoderModel, tokenizerFiles: [(name: String, bytes: [UInt8])],
    to sink: @escaping (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    var writer = try ConvertedFileWriter(to: sink)
    let description = ConvertedModel(model, instructionSet: try InstructionSet.current.get())
    let json = JSONEncoder()
    json.outputFormatting = .sortedKeys
    try json.encode(description).withUnsafeBytes { try writer.add(entry, $0) }
    for file in tokenizerFiles { try file.bytes.withUnsafeBytes { try writer.add(file.name, $0) } }
    for (index, encoder) in model.encoders.enumerated() {
      for (name, bytes) in encoder.parts {
        try bytes.withBytes { try writer.add(EncoderPartName.encoder(index) + name, $0) }
      }
    }
    for (name, bytes) in model.headWeights.parts { try bytes.withBytes { try writer.add(name, $0) } }
    try writer.finish()
  }
}

/// Provides an encoder's parts from a converted file: in place if they are laid out for the current kernels, otherwise
/// packed again.
struct ConvertedSource: WeightsSource {
  let file: ConvertedFile
  let instructionSet: InstructionSet
  /// The encoder's position in the model, from 0.
  let encoder: Int

  func words<Words: WordTable>(rows: Int, columns: Int) throws(ModelError) -> Words {
    let size = Words.size(rows: rows, columns: columns)
    return Words(rows: rows, columns: columns, bytes: try bytes(EncoderPartName.words, size))
  }

  func positions(rows: Int, columns: Int) throws(ModelError) -> WeightTable {
    try table(EncoderPartName.positions, rows, columns)
  }

  func linear<Linear: LinearLayer>(
    _ part: EncoderPart, outputs: Int, inputs: Int
  ) throws(ModelError) -> Linear {
    let size = Linear.packedSize(outputs: outputs, inputs: inputs, for: instructionSet)
    let name = EncoderPartName.of(part)
    guard
      let layer = Linear(packed: try bytes(name, size), outputs: outputs, inputs: inputs, for: instructionSet)
    else { throw refusal(of: name, "is damaged: convert the model again") }
    return layer
  }

  func layerNorm(_ part: EncoderPart, width: Int, epsilon: Float) throws(ModelError) -> LayerNormWeights {
    let name = EncoderPartName.of(part)
    return LayerNormWeights(
      gamma: try table(name + EncoderPartName.gamma, 1, width), beta: try table(name + EncoderPartName.beta, 1, width),
      epsilon: epsilon)
  }

  private func table(_ name: String, _ rows: Int, _ columns: Int) throws(ModelError) -> WeightTable {
    WeightTable(
      rows: rows, columns: columns, bytes: try bytes(name, WeightTable.size(rows: rows, columns: columns)))
  }

  private func bytes(_ name: String, _ count: Int) throws(ModelError) -> ConstantBytes {
    guard let bytes = file.bytes(of: EncoderPartName.encoder(encoder) + name) else {
      throw refusal(of: name, "the entry is missing")
    }
    guard bytes.count == count else {
      throw refusal(of: name, "has \(bytes.count) bytes; the model's shape asks for \(count)")
    }
    return ConstantBytes(bytes, owner: file)
  }

  private func refusal(of name: String, _ reason: String) -> ModelError {
    ModelError(file: file.path, entry: EncoderPartName.encoder(encoder) + name, reason: reason)
  }
}

/// The names of an encoder's parts in a converted file.
enum EncoderPartName {
  static let words = "words"
  static let positions = "positions"
  static let gamma = ".gamma"
  static let beta = ".beta"

  /// The prefix of the names of an encoder's parts.
  static func encoder(_ index: Int) -> String { "encoder.\(index)/" }

  static func of(_ part: EncoderPart) -> String {
    switch part {
    case .embeddingNorm: "embedding_norm"
    case .queryKeyValue(let layer, let expert): "layer.\(layer).query_key_value\(suffix(expert))"
    case .attentionOutput(let layer, let expert): "layer.\(layer).attention_output\(suffix(expert))"
    case .attentionNorm(let layer): "layer.\(layer).attention_norm"
    case .intermediate(let layer, let expert): "layer.\(layer).intermediate\(suffix(expert))"
    case .output(let layer, let expert): "layer.\(layer).output\(suffix(expert))"
    case .outputNorm(let layer, let expert): "layer.\(layer).output_norm\(suffix(expert))"
    case .bottleneck(let piece, let site):
      "layer.\(site.layer).\(site.place.rawValue)_bottleneck.\(piece.rawValue).\(site.expert)"
    }
  }

  private static func suffix(_ expert: ExpertIndex) -> String {
    switch expert {
    case .shared: ""
    case .expert(let index): ".\(index)"
    }
  }
}

extension EncoderWeights {
  /// All parts by their names in a converted file.
  var parts: [(name: String, bytes: ConstantBytes)] {
    typealias Name = EncoderPartName
    var parts = [(Name.words, words.bytes), (Name.positions, positions.bytes)]
    func add(_ part: EncoderPart, _ linear: Linear) { parts.append((Name.of(part), linear.packed)) }
    func add(_ part: EncoderPart, _ norm: LayerNormWeights) {
      parts.append((Name.of(part) + Name.gamma, norm.gamma.bytes))
      parts.append((Name.of(part) + Name.beta, norm.beta.bytes))
    }
    add(.embeddingNorm, embeddingNorm)
    for (index, layer) in layers.enumerated() {
      for (expert, weights) in zip(ExpertIndex.all(of: layer.attention.count), layer.attention) {
        add(.queryKeyValue(layer: index, expert), weights.queryKeyValue)
        add(.attentionOutput(layer: index, expert), weights.output)
      }
      add(.attentionNorm(layer: index), layer.attentionNorm)
      for (expert, weights) in zip(ExpertIndex.all(of: layer.feedForward.count), layer.feedForward) {
        add(.intermediate(layer: index, expert), weights.intermediate)
        add(.output(layer: index, expert), weights.output)
        add(.outputNorm(layer: index, expert), weights.norm)
      }
      for (site, weights) in layer.bottlenecks(inLayer: index) {
        add(.bottleneck(.down, site), weights.down)
        add(.bottleneck(.up, site), weights.up)
        if let norm = weights.normBefore { add(.bottleneck(.normBefore, site), norm) }
        if let norm = weights.normAfter { add(.bottleneck(.normAfter, site), norm) }
      }
    }
    return parts
  }
}
