import Service
import Transformer

extension Engine {
  /// The current state of the engine's queue, and the numbers of its texts and its cache.
  public var metrics: [MetricFamily] {
    let queue = MetricFamily(
      "scimult_queue_tokens", .gauge, help: "Tokens that wait to be encoded.", Double(waitingTokens))
    let replies = MetricFamily(
      "scimult_send_budget_bytes", .gauge,
      help: "Memory reserved for replies, and of replies that clients have not read.",
      Double(bytesToSend))
    return [queue, replies] + textStatistics.metrics(tasks: model.blueprint.tasks) + cacheStatistics.metrics
  }
}

extension TextStatistics {
  /// - Parameter tasks: the tasks that the model serves.
  func metrics(tasks: [EncodingTask]) -> [MetricFamily] {
    func samples(_ count: KeyPath<Count, Int>) -> [MetricSample] {
      tasks.map { task in
        let labels = [MetricLabel(name: "task", value: task.rawValue)]
        return MetricSample(labels: labels, value: Double((byTask[task] ?? Count())[keyPath: count]))
      }
    }
    return [
      MetricFamily(
        MetricDescription("scimult_texts_total", .counter, help: "Texts served, from the cache or not."),
        samples(\.texts)),
      MetricFamily(
        MetricDescription("scimult_tokens_total", .counter, help: "Tokens of the texts served."), samples(\.tokens)),
      MetricFamily(
        "scimult_truncated_texts_total", .counter, help: "Texts served that were longer than the model reads.",
        Double(truncatedTexts)),
    ]
  }
}

extension CacheStatistics {
  var metrics: [MetricFamily] {
    [
      MetricFamily(
        "scimult_cache_hits_total", .counter, help: "Texts answered without being encoded.", Double(hits)),
      MetricFamily("scimult_cache_misses_total", .counter, help: "Texts handed to the encoder.", Double(misses)),
      MetricFamily("scimult_cache_entries", .gauge, help: "Embeddings held.", Double(entries)),
      MetricFamily("scimult_cache_bytes", .gauge, help: "Memory held.", Double(bytes)),
      MetricFamily(
        "scimult_cache_max_bytes", .gauge, help: "Memory that may be held, 0 without a cache.", Double(maxBytes)),
    ]
  }
}
