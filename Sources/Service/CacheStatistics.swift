/// What a cache of embeddings has done, and what it holds.
public struct CacheStatistics: Sendable, Equatable {
  /// Texts that were answered without being encoded: known, or under way for an earlier one.
  public var hits = 0
  /// Texts that were handed to the encoder.
  public var misses = 0
  /// Embeddings held.
  public var entries = 0
  /// Memory held, bookkeeping included.
  public var bytes = 0
  /// The bound of ``bytes``; 0 where there is no cache.
  public var maxBytes = 0

  /// Hits among all texts; 0 before the first.
  public var hitRate: Double { hits == 0 ? 0 : Double(hits) / Double(hits + misses) }
}
