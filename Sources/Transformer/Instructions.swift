import Checkpoint

/// The sentences that an instruction model reads in front of a text, by task and role, from scimult.json.
public struct Instructions: Sendable, Equatable, Codable {
  private let sentences: [EncodingTask: [EncodingRole: String]]

  /// The tasks that have an instruction.
  public var tasks: [EncodingTask] { EncodingTask.allCases.filter { sentences[$0] != nil } }

  /// The sentence for a task and role; nil where the role of a task has none.
  public subscript(task: EncodingTask, role: EncodingRole) -> String? { sentences[task]?[role] }

  /// nil where there are none.
  /// - Parameter settings: `{"search": {"query": "…", "candidate": "…"}, …}`.
  init?(_ settings: ModelSettings) throws(ModelError) {
    var sentences: [EncodingTask: [EncodingRole: String]] = [:]
    for name in settings.keys {
      guard let task = EncodingTask(name: name) else {
        let known = EncodingTask.allCases.map(\.rawValue).joined(separator: ", ")
        throw settings.refusal(name, "unknown task; known are \(known)")
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
    self.sentences = sentences
  }
}
