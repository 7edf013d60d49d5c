/// The published adapters of SPECTER2 (Singh et al., arXiv 2211.13308), by their names: those of the hub's repositories
/// and of the paper's archive, and the control codes of their training.
enum PublishedAdapters {
  private enum Kind: CaseIterable {
    case proximity, adhocQuery, classification, regression

    var names: Set<String> {
      switch self {
      case .proximity: ["proximity", "specter2_proximity", "specter2", "[PRX]"]
      case .adhocQuery: ["adhoc_query", "specter2_adhoc_query", "[QRY]"]
      case .classification: ["classification", "specter2_classification", "[CLF]"]
      case .regression: ["regression", "specter2_regression", "[RGN]"]
      }
    }

    init?(_ name: String) {
      // The hub has all of them a second time, trained again in August 2023.
      let name = name.replacing("specter2_aug2023refresh", with: "specter2")
      guard let kind = Self.allCases.first(where: { $0.names.contains(name) }) else { return nil }
      self = kind
    }
  }

  /// Whether an adapter is one of the published ones.
  static func contains(_ names: [String]) -> Bool { names.contains { Kind($0) != nil } }

  /// The first names of two adapters that are the same published one; nil if there are no such two.
  static func twice(_ adapters: [[String]]) -> (String, String)? {
    var byKind: [Kind: String] = [:]
    for names in adapters {
      guard let kind = names.lazy.compactMap({ Kind($0) }).first else { continue }
      if let other = byKind.updateValue(names[0], forKey: kind) { return (other, names[0]) }
    }
    return nil
  }

  /// The tasks that the given adapters serve, and their assignment: a task is served if it has an adapter for queries
  /// and one for candidates.
  /// - Parameter adapters: all names of each adapter.
  static func choice(_ adapters: [[String]]) -> ExpertChoice {
    var byKind: [Kind: String] = [:]
    for names in adapters {
      if let name = names.first(where: { Kind($0) != nil }), let kind = Kind(name) { byKind[kind] = name }
    }
    var sources: [EncodingTask: [EncodingRole: ExpertChoice.Source]] = [:]
    func serve(_ task: EncodingTask, _ query: Kind, _ candidate: Kind) {
      guard let query = byKind[query], let candidate = byKind[candidate] else { return }
      sources[task] = [.query: .named(query), .candidate: .named(candidate)]
    }
    serve(.search, .adhocQuery, .proximity)
    serve(.linkPrediction, .proximity, .proximity)
    serve(.classification, .classification, .classification)
    serve(.regression, .regression, .regression)
    return ExpertChoice(sources)
  }
}
