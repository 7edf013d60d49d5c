import Checkpoint

/// The prefixes of texts, by task and role, from scimult.json: the instructions of an instruction model, or control
/// codes.
public struct Instructions: Sendable, Equatable, Codable {
  private let sentences: [EncodingTask: [EncodingRole: String]]

  /// The tasks that have an instruction.
  public var tasks: [EncodingTask] { .ordered(sentences.keys) }

  /// The prefix for a task and role; nil if there is none.
  public subscript(task: EncodingTask, role: EncodingRole) -> String? { sentences[task]?[role] }

  /// The control codes of SciRepEval's models (Singh et al., arXiv 2211.13308).
  static let sciRepEvalCodes = Instructions(sentences: [
    .classification: [.query: "[CLF]", .candidate: "[CLF]"],
    .regression: [.query: "[RGN]", .candidate: "[RGN]"],
    .linkPrediction: [.query: "[PRX]", .candidate: "[PRX]"],
    .search: [.query: "[QRY]", .candidate: "[PRX]"],
  ])

  private init(sentences: [EncodingTask: [EncodingRole: String]]) {
    self.sentences = sentences
  }

  /// nil if there are none.
  /// - Parameters:
  ///   - settings: `{"search": {"query": "…", "candidate": "…"}, …}`.
  ///   - mayBeOneForBoth: whether a task may have one text for both roles.
  init?(_ settings: ModelSettings, mayBeOneForBoth: Bool = false) throws(ModelError) {
    var sentences: [EncodingTask: [EncodingRole: String]] = [:]
    for name in settings.keys {
      let task = try settings.task(name)
      guard sentences[task] == nil else { throw settings.refusal(name, "names the task \(task.rawValue) again") }
      if mayBeOneForBoth, let text = settings.value(name)?.string {
        sentences[task] = [.query: text, .candidate: text]
        continue
      }
      guard let roles = try settings.object(name) else { continue }
      for roleName in roles.keys {
        guard let role = EncodingRole(rawValue: roleName) else {
          throw roles.refusal(roleName, "unknown role; known are query, candidate")
        }
        if let sentence = try roles.string(roleName) { sentences[task, default: [:]][role] = sentence }
      }
    }
    guard !sentences.isEmpty else { return nil }
    self.init(sentences: sentences)
  }
}
