/// What an embedding is for. An expert model keeps one expert per task.
public enum EncodingTask: String, Sendable, CaseIterable, Codable, CodingKeyRepresentable {
  case classification
  case linkPrediction = "link_prediction"
  case search

  /// Reads the task's name; a hyphen is accepted for the underscore.
  public init?(name: String) {
    self.init(rawValue: String(name.map { $0 == "-" ? "_" : $0 }))
  }

  /// The expert that serves the task, in a model of ``expertCount`` experts. Queries and candidates share it
  /// (Zhang et al., arXiv 2305.14232: "single-hop-retrieval", "multi-hop-retrieval", "entity-retrieval").
  func expert(for role: EncodingRole) -> Int {
    switch (self, role) {
    case (.search, .query), (.search, .candidate): 0
    case (.linkPrediction, .query), (.linkPrediction, .candidate): 1
    case (.classification, .query), (.classification, .candidate): 2
    }
  }

  /// How many experts the map above names.
  static let expertCount = 3
}

/// The side of a dot product that an embedding stands on. A model may keep an encoder for each.
public enum EncodingRole: String, Sendable, CaseIterable, Codable, CodingKeyRepresentable {
  case query
  case candidate
}
