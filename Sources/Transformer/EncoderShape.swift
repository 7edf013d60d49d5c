/// The shape of one encoder, which determines its passes and its memory.
struct EncoderShape: Sendable, Equatable {
  let configuration: Configuration
  let layout: ExpertLayout
  /// Rows of the table of positions: one per position for each supported token type.
  let positionRows: Int
  /// Whether an embedding uses only the first token's state.
  let readsFirstRowsOnly: Bool
}
