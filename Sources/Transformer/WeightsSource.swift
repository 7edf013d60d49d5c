import Checkpoint
import Tensor

/// An expert of a sub-layer, or the shared network of a sub-layer without experts.
enum ExpertIndex: Hashable, Sendable {
  case shared
  case expert(Int)

  static func all(of experts: Int) -> [ExpertIndex] { experts > 1 ? (0..<experts).map { .expert($0) } : [.shared] }
}

/// An expert's bottleneck after one sub-layer.
struct BottleneckSite: Hashable, Sendable {
  let layer: Int
  let place: Bottleneck.Place
  let expert: Int
}

/// The parts of a bottleneck.
enum BottleneckPiece: String, Hashable, Sendable, CaseIterable {
  case down, up
  case normBefore = "norm_before"
  case normAfter = "norm_after"
}

/// The position of a part in an encoder, independent of its storage.
enum EncoderPart: Hashable, Sendable {
  case embeddingNorm
  case queryKeyValue(layer: Int, ExpertIndex)
  case attentionOutput(layer: Int, ExpertIndex)
  case attentionNorm(layer: Int)
  case intermediate(layer: Int, ExpertIndex)
  case output(layer: Int, ExpertIndex)
  case outputNorm(layer: Int, ExpertIndex)
  case bottleneck(BottleneckPiece, BottleneckSite)
}

/// The source of an encoder's parts: a checkpoint, or a converted file.
protocol WeightsSource {
  func words<Words: WordTable>(rows: Int, columns: Int) throws(ModelError) -> Words
  func positions(rows: Int, columns: Int) throws(ModelError) -> WeightTable
  func linear<Linear: LinearLayer>(_ part: EncoderPart, outputs: Int, inputs: Int) throws(ModelError) -> Linear
  func layerNorm(_ part: EncoderPart, width: Int, epsilon: Float) throws(ModelError) -> LayerNormWeights
}
