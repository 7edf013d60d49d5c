import Checkpoint

/// The user's choice of an expert for each task and role.
struct ExpertChoice {
  /// The source of an expert.
  enum Source: Hashable {
    /// The encoder without an adapter.
    case base
    /// The name of an adapter, or the folder of a whole encoder inside the model's folder.
    case named(String)
    /// The folder of an adapter or a whole encoder, in any place.
    case folder(String)
  }

  private(set) var sources: [EncodingTask: [EncodingRole: Source]] = [:]
  /// Whether each role has an encoder for every task.
  private(set) var isByRole = false

  /// nil if no task has an expert.
  /// - Parameter settings: `experts` of scimult.json: `{"search": {"query": "a", "candidate": "b"}, "triage": "c"}`,
  ///   null for the encoder without an adapter.
  init?(_ settings: ModelSettings) throws(ModelError) {
    for name in settings.keys {
      let task = try settings.task(name)
      guard sources[task] == nil else { throw settings.refusal(name, "names the task \(task.rawValue) again") }
      guard settings.value(name)?.object != nil, let roles = try settings.object(name) else {
        let source = try Self.source(name, of: settings)
        sources[task] = [.query: source, .candidate: source]
        continue
      }
      if let unknown = roles.keys.first(where: { EncodingRole(rawValue: $0) == nil }) {
        throw roles.refusal(unknown, "unknown role; known are query, candidate")
      }
      for role in EncodingRole.allCases {
        guard roles.contains(role.rawValue) else {
          throw roles.refusal(role.rawValue, "is missing: name an expert, or null for the encoder as it is")
        }
        sources[task, default: [:]][role] = try Self.source(role.rawValue, of: roles)
      }
    }
    if sources.isEmpty { return nil }
  }

  private static func source(_ key: String, of settings: ModelSettings) throws(ModelError) -> Source {
    try settings.string(key).map { .named($0) } ?? .base
  }

  /// - Parameter assignments: the command line's assignments; later ones replace earlier ones.
  /// - Throws: `ModelError` for a task with only one role.
  init(_ assignments: [ExpertAssignment], of model: String) throws(ModelError) {
    for assignment in assignments {
      for role in assignment.roles {
        sources[assignment.task, default: [:]][role] = assignment.path.map { .folder($0) } ?? .base
      }
    }
    for (task, roles) in sources.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      for role in EncodingRole.allCases where roles[role] == nil {
        throw ModelError(
          file: model,
          reason: "the task \(task.rawValue) has no expert for \(role.rawValue): add --expert "
            + "\(task.rawValue):\(role.rawValue)=PATH, an empty PATH for the encoder as it is")
      }
    }
  }

  /// - Parameter sources: the sources for both roles of each task.
  init(_ sources: [EncodingTask: [EncodingRole: Source]]) {
    self.sources = sources
  }

  /// - Parameter encoders: folders of whole encoders by role, for every task.
  init(encoders: [EncodingRole: String]) {
    let sources = encoders.mapValues { Source.named($0) }
    self.init(Dictionary(uniqueKeysWithValues: EncodingTask.standard.map { ($0, sources) }))
    isByRole = true
  }

  /// The key of scimult.json for a task and role.
  func key(_ task: EncodingTask, _ role: EncodingRole) -> String {
    if isByRole { return "encoders.\(role.rawValue)" }
    let isForBoth = Set(EncodingRole.allCases.map { self[task, $0] }).count == 1
    return "experts.\(task.rawValue)" + (isForBoth ? "" : ".\(role.rawValue)")
  }

  /// The source of a chosen task.
  subscript(task: EncodingTask, role: EncodingRole) -> Source {
    guard let source = sources[task]?[role] else { preconditionFailure("a task that is not chosen for") }
    return source
  }

  var tasks: [EncodingTask] { .ordered(sources.keys) }
}
