import Checkpoint

extension SentenceTransformersModules {
  /// The keys of the flags, in the order in which their vectors are concatenated.
  private static let flags: [(key: String, method: Pooling.Method)] = [
    ("pooling_mode_cls_token", .cls), ("pooling_mode_max_tokens", .max), ("pooling_mode_mean_tokens", .mean),
    ("pooling_mode_mean_sqrt_len_tokens", .meanSqrtLength), ("pooling_mode_weightedmean_tokens", .weightedMean),
    ("pooling_mode_lasttoken", .last),
  ]

  /// `pooling_mode`, a name or a list of names, wins over the flags. Without either, pooling is the mean.
  static func pooling(_ file: ModelSettings) throws(ModelError) -> Pooling {
    var methods: [Pooling.Method] = []
    if let mode = file.value("pooling_mode") {
      let names = mode.array == nil ? [try file.string("pooling_mode") ?? ""] : try file.strings("pooling_mode") ?? []
      for name in names {
        guard let method = Pooling.Method.ofSentenceTransformers.first(where: { $0.rawValue == name }) else {
          let known = Pooling.Method.ofSentenceTransformers.map(\.rawValue).joined(separator: ", ")
          throw file.refusal("pooling_mode", "\"\(name)\" is not served; known are \(known)")
        }
        methods.append(method)
      }
      guard !methods.isEmpty else { throw file.refusal("pooling_mode", "is an empty list") }
    } else {
      for (key, method) in Self.flags where try file.bool(key, takesNumbers: true) == true { methods.append(method) }
      let known = Self.flags.map(\.key)
      if let unknown = file.keys.first(where: { $0.hasPrefix("pooling_mode_") && !known.contains($0) }) {
        throw file.refusal(unknown, "the pooling method is not served")
      }
    }
    return Pooling(methods: methods.isEmpty ? [.mean] : methods)
  }

  /// Whether pooling counts a prompt's tokens. Null means false, as in Python.
  static func poolsPrompt(_ file: ModelSettings) throws(ModelError) -> Bool {
    try file.bool("include_prompt", takesNumbers: true) ?? !file.contains("include_prompt")
  }
}
