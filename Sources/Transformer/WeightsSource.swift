import Checkpoint
import Tensor

/// An expert of a sub-layer, or the one network of a sub-layer that has no experts.
enum ExpertIndex: Hashable, Sendable {
  case shared
  case expert(Int)

  static func all(of experts: Int) -> [ExpertIndex] { experts > 1 ? (0..<experts).map { .expert($0) } : [.shared] }
}

/// An expert's bottleneck behind one sub-layer.
struct BottleneckSite: Hashable, Sendable {
  let layer: Int
  let place: Bottleneck.Place
  let expert: Int
}

/// What makes up a bottleneck.
enum BottleneckPiece: String, Hashable, Sendable, CaseIterable {
  case down, up
  case normBefore = "norm_before"
  case normAfter = "norm_after"
}

/// The place of a part in an encoder, whatever it is stored in.
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

/// Where an encoder's parts come from: a checkpoint, or a converted file.
protocol WeightsSource {
  func words<Words: WordTable>(rows: Int, columns: Int) throws(ModelError) -> Words
  func positions(rows: Int, columns: Int) throws(ModelError) -> WeightTable
  func linear<Linear: LinearLayer>(_ part: EncoderPart, outputs: Int, inputs: Int) throws(ModelError) -> Linear
  func layerNorm(_ part: EncoderPart, width: Int, epsilon: Float) throws(ModelError) -> LayerNormWeights
}
