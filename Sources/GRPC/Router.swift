/// Finds a method by the request's path.
public struct Router: Sendable {
  private let methods: [String: Method]

  /// - Parameter methods: by path, such as `/scimult.v1.SciMult/Encode`.
  public init(methods: [String: Method]) {
    self.methods = methods
  }

  /// This router's methods and those of another.
  public func merging(_ other: Router) -> Router {
    Router(methods: methods.merging(other.methods) { first, _ in first })
  }

  /// - Throws: ``Status`` UNIMPLEMENTED, naming the method.
  func method(for path: String) throws(Status) -> Method {
    if let method = methods[path] { return method }
    let name = path.hasPrefix("/") ? path.dropFirst() : path[...]
    throw Status(.unimplemented, "the method \(name.prefix(Self.longestNameShown)) is not implemented by this server")
  }

  private static let longestNameShown = 200
}
