import Checkpoint
import Tensor

/// The memory of an encoder, known before its weights are read.
public struct EncoderFootprint: Sendable, Equatable {
  /// Bytes of the weights of all encoders, in the form of the current kernels. The weights of a converted file are
  /// mapped pages. The system can reclaim them, but that saves nothing, because each pass reads all of them.
  public let weightBytes: Int
  /// Bytes of the largest part in fp32, which is in memory in addition to the weights while they are packed.
  public let loadingBytes: Int
  /// Maximum bytes of one ``Scratch``.
  public let scratchBytes: Int

  public init(weightBytes: Int, loadingBytes: Int, scratchBytes: Int) {
    self.weightBytes = weightBytes
    self.loadingBytes = loadingBytes
    self.scratchBytes = scratchBytes
  }
}

extension ModelBlueprint {
  /// The memory of an encoder in a precision; nil for that of a converted file, otherwise int8.
  /// - Throws: `ModelError` for a converted file of another precision.
  public func footprint(precision requested: EncoderPrecision?) throws(ModelError) -> EncoderFootprint {
    let precision = try precision(requested: requested)
    let scratch = Scratch()
    var weightBytes = HeadWeights.byteCount(head.denseShapes)
    for index in layouts.indices {
      let shape = shape(ofEncoder: index)
      scratch.reserve(shape, precision, longestSequence: maxTokens)
      weightBytes += shape.weightBytes(precision)
    }
    return EncoderFootprint(
      weightBytes: weightBytes, loadingBytes: loadingBytes(precision), scratchBytes: scratch.byteCount)
  }

  /// Two parts in fp32 are in memory at a time: one is packed while the one before is hashed.
  private func loadingBytes(_ precision: EncoderPrecision) -> Int {
    let (hidden, wide) = (configuration.hiddenSize, configuration.feedForwardSize)
    let widest = layouts.map(\.widestBottleneck).max() ?? 0
    let linear = WeightTable.size(rows: max(3 * hidden, wide, widest), columns: hidden)
    switch storage {
    case .converted: return repacking == nil ? 0 : linear
    case .checkpoint:
      let words = WeightTable.size(rows: configuration.vocabularySize, columns: hidden)
      return linear + (precision == .int8 ? max(words, linear) : linear)
    }
  }
}

extension EncoderShape {
  fileprivate func weightBytes(_ precision: EncoderPrecision) -> Int {
    switch precision {
    case .fp32: weightBytes(FloatLinear.self, WeightTable.self)
    case .bf16: weightBytes(BFloat16Linear.self, WeightTable.self)
    case .int8: weightBytes(Int8Linear.self, QuantizedTable.self)
    }
  }

  /// The weights that ``EncoderWeights`` collects.
  private func weightBytes<Linear: LinearLayer, Words: WordTable>(_: Linear.Type, _: Words.Type) -> Int {
    let (hidden, wide) = (configuration.hiddenSize, configuration.feedForwardSize)
    func linear(_ outputs: Int, _ inputs: Int) -> Int {
      Linear.packedSize(outputs: outputs, inputs: inputs, for: .inUse)
    }
    let norm = 2 * WeightTable.size(rows: 1, columns: hidden)
    let attention = linear(3 * hidden, hidden) + linear(hidden, hidden)
    let feedForward = linear(wide, hidden) + linear(hidden, wide) + norm
    func bottlenecks(_ layer: Int) -> Int {
      Bottleneck.Place.allCases.flatMap { layout.bottlenecks($0, inLayer: layer) }.reduce(0) { sum, bottleneck in
        let form = layout.bottlenecks[bottleneck.site.expert]
        let norms = (form?.normalizesInput == true ? norm : 0) + (form?.normalizesOutput == true ? norm : 0)
        return sum + linear(bottleneck.width, hidden) + linear(hidden, bottleneck.width) + norms
      }
    }
    let embeddings =
      Words.size(rows: configuration.vocabularySize, columns: hidden)
      + WeightTable.size(rows: positionRows, columns: hidden) + norm
    return (0..<configuration.layers).reduce(embeddings) { sum, layer in
      let attentions = ExpertIndex.all(of: layout.attentionExperts(inLayer: layer)).count
      let feedForwards = ExpertIndex.all(of: layout.feedForwardExperts(inLayer: layer)).count
      return sum + attentions * attention + norm + feedForwards * feedForward + bottlenecks(layer)
    }
  }
}
