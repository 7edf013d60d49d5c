/// Finds a method by the request's path.
public struct Router: Sendable {
  /// A method of the router.
  public struct Route: Sendable {
    /// The path, such as `/scimult.v1.SciMult/Encode`.
    public let path: String
    public let method: Method
    /// The route's position in the router.
    public let number: Int
  }

  /// The routes, sorted by path.
  public let routes: [Route]
  private let byPath: [String: Route]

  /// - Parameter methods: the methods by path.
  public init(methods: [String: Method]) {
    let ordered = methods.sorted { $0.key < $1.key }
    routes = ordered.enumerated().map { Route(path: $1.key, method: $1.value, number: $0) }
    byPath = Dictionary(uniqueKeysWithValues: routes.map { ($0.path, $0) })
  }

  /// This router's methods and those of another.
  public func merging(_ other: Router) -> Router {
    let all = (routes + other.routes).map { ($0.path, $0.method) }
    return Router(methods: Dictionary(all) { first, _ in first })
  }

  /// - Throws: ``Status`` UNIMPLEMENTED, naming the method.
  func route(for path: String) throws(Status) -> Route {
    if let route = byPath[path] { return route }
    let name = path.hasPrefix("/") ? path.dropFirst() : path[...]
    throw Status(.unimplemented, "the method \(name.prefix(Self.longestNameShown)) is not implemented by this server")
  }

  /// The number of a path's route; nil if it has none.
  func number(of path: String) -> Int? { byPath[path]?.number }

  private static let longestNameShown = 200
}
