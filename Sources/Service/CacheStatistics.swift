/// The counts of an embedding cache, and its current size.
public struct CacheStatistics: Sendable, Equatable {
  /// Texts that were answered without encoding: cached, or being encoded for an earlier request.
  public var hits = 0
  /// Texts that were sent to the encoder.
  public var misses = 0
  /// Embeddings held.
  public var entries = 0
  /// Memory held, including bookkeeping.
  public var bytes = 0
  /// The limit of ``bytes``; 0 if there is no cache.
  public var maxBytes = 0

  /// The share of hits among all texts; 0 before the first text.
  public var hitRate: Double { hits == 0 ? 0 : Double(hits) / Double(hits + misses) }
}
