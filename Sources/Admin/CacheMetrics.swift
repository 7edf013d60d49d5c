import Service

extension CacheStatistics {
  /// The cache's numbers under the names that operators know them by.
  public var metrics: [Metric] {
    [
      Metric("scimult_cache_hits_total", .counter, help: "Texts answered without being encoded.", value: hits),
      Metric("scimult_cache_misses_total", .counter, help: "Texts handed to the encoder.", value: misses),
      Metric("scimult_cache_entries", .gauge, help: "Embeddings held.", value: entries),
      Metric("scimult_cache_bytes", .gauge, help: "Memory held.", value: bytes),
      Metric("scimult_cache_max_bytes", .gauge, help: "Memory that may be held, 0 without a cache.", value: maxBytes),
    ]
  }
}
