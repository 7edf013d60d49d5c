/// Which of a model's experts serves a task and role. No gate: the request chooses.
public struct ExpertRouting: Sendable, Equatable, Codable {
  /// An expert's place, from 0: in which encoder, and which of its experts.
  public struct Route: Sendable, Hashable, Codable {
    let encoder: Int
    let expert: Int
  }

  private var routes: [EncodingTask: [EncodingRole: Route]]
  /// Names of experts, by encoder and expert; one of an encoder without experts is the encoder's own. Empty where the
  /// model is one encoder without experts.
  private let names: [[String]]

  /// One encoder without experts, for some tasks.
  static func plain(_ tasks: [EncodingTask] = EncodingTask.standard) -> ExpertRouting {
    ExpertRouting(tasks, names: []) { _, _ in Route(encoder: 0, expert: 0) }
  }

  /// - Parameters:
  ///   - tasks: that are served, for both roles.
  ///   - names: of experts, by encoder and expert.
  ///   - route: the expert of a task and role.
  init<Failure: Error>(
    _ tasks: [EncodingTask], names: [[String]],
    route: (EncodingTask, EncodingRole) throws(Failure) -> Route
  ) throws(Failure) {
    self.names = names
    var routes: [EncodingTask: [EncodingRole: Route]] = [:]
    for task in tasks {
      for role in EncodingRole.allCases { routes[task, default: [:]][role] = try route(task, role) }
    }
    self.routes = routes
  }

  /// The tasks that are served, each for both roles.
  public var tasks: [EncodingTask] { .ordered(routes.keys) }

  /// The expert of a task that is served.
  subscript(task: EncodingTask, role: EncodingRole) -> Route {
    guard let route = routes[task]?[role] else {
      preconditionFailure("a text of the task \(task.rawValue), which the model does not serve, reached the encoder")
    }
    return route
  }

  /// Whether some task has other experts than another one.
  var tellsTasksApart: Bool { Set(routes.values).count > 1 }

  /// The routes of some tasks alone.
  /// - Parameter servesAny: whether a task that has no route takes that of another one.
  /// - Returns: nil where a task has no expert.
  func only(_ tasks: [EncodingTask], orAny servesAny: Bool) -> ExpertRouting? {
    let anyTask = servesAny ? routes.values.first : nil
    guard tasks.allSatisfy({ routes[$0] != nil }) || anyTask != nil else { return nil }
    var routing = self
    routing.routes = Dictionary(
      uniqueKeysWithValues: tasks.compactMap { task in
        (routes[task] ?? anyTask).map { (task, $0) }
      })
    return routing
  }

  /// The name of a task's expert; nil where the model has no experts.
  public func name(of task: EncodingTask, _ role: EncodingRole) -> String? {
    guard !names.isEmpty, let route = routes[task]?[role] else { return nil }
    return names[route.encoder][route.expert]
  }

  /// Whether every route leads to an expert.
  /// - Parameter experts: how many each encoder has.
  func isServed(experts: [Int]) -> Bool {
    let places = routes.values.flatMap(\.values)
    return !routes.isEmpty && routes.values.allSatisfy { $0.count == EncodingRole.allCases.count }
      && (names.isEmpty || names.map(\.count) == experts)
      && places.allSatisfy { experts.indices.contains($0.encoder) && (0..<experts[$0.encoder]).contains($0.expert) }
  }
}
