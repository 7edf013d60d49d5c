/// The shape of one encoder: what its passes and its memory depend on.
struct EncoderShape: Sendable, Equatable {
  let configuration: Configuration
  let layout: ExpertLayout
  /// Rows of the table of positions: one for each position, once for each token type that is read.
  let positionRows: Int
  /// Whether an embedding is made of the first token's state alone.
  let readsFirstRowsOnly: Bool
}
