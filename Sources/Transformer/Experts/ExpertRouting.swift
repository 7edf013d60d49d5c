/// Assigns a model's experts to tasks and roles. There is no gate: the request chooses.
public struct ExpertRouting: Sendable, Equatable, Codable {
  /// The position of an expert, from 0: its encoder, and the expert in it.
  public struct Route: Sendable, Hashable, Codable {
    let encoder: Int
    let expert: Int
  }

  private var routes: [EncodingTask: [EncodingRole: Route]]
  /// The names of experts, by encoder and expert; an encoder without experts has its own name. Empty if the model is
  /// one encoder without experts.
  private let names: [[String]]

  /// One encoder without experts, for the given tasks.
  static func plain(_ tasks: [EncodingTask] = EncodingTask.standard) -> ExpertRouting {
    ExpertRouting(tasks, names: []) { _, _ in Route(encoder: 0, expert: 0) }
  }

  /// - Parameters:
  ///   - tasks: the tasks that the model serves, for both roles.
  ///   - names: the names of experts, by encoder and expert.
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

  /// The tasks that the model serves, each for both roles.
  public var tasks: [EncodingTask] { .ordered(routes.keys) }

  /// Whether the model serves a task.
  public func serves(_ task: EncodingTask) -> Bool { routes[task] != nil }

  /// The expert of a task that the model serves.
  subscript(task: EncodingTask, role: EncodingRole) -> Route {
    guard let route = routes[task]?[role] else {
      preconditionFailure("a text of the task \(task.rawValue), which the model does not serve, reached the encoder")
    }
    return route
  }

  /// Whether any task has other experts than another task.
  var tellsTasksApart: Bool { Set(routes.values).count > 1 }

  /// The routes of the given tasks only.
  /// - Parameter servesAny: whether a task without a route uses the route of another task.
  /// - Returns: nil if a task has no expert.
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

  /// The name of a task's expert; nil if the model has no experts.
  public func name(of task: EncodingTask, _ role: EncodingRole) -> String? {
    guard !names.isEmpty, let route = routes[task]?[role] else { return nil }
    return names[route.encoder][route.expert]
  }

  /// Whether every route leads to an existing expert.
  /// - Parameter experts: the number of experts of each encoder.
  func isServed(experts: [Int]) -> Bool {
    let places = routes.values.flatMap(\.values)
    return !routes.isEmpty && routes.values.allSatisfy { $0.count == EncodingRole.allCases.count }
      && (names.isEmpty || names.map(\.count) == experts)
      && places.allSatisfy { experts.indices.contains($0.encoder) && (0..<experts[$0.encoder]).contains($0.expert) }
  }
}
