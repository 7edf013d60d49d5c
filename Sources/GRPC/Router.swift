/// Finds a method by the request's path.
public struct Router: Sendable {
  private let methods: [String: UnaryHandler]

  /// - Parameter methods: handlers by path, such as `/scimult.v1.SciMult/Encode`.
  public init(methods: [String: UnaryHandler]) {
    self.methods = methods
  }

  /// - Throws: ``Status`` UNIMPLEMENTED, naming the method.
  func handler(for path: String) throws(Status) -> UnaryHandler {
    if let handler = methods[path] { return handler }
    let name = path.hasPrefix("/") ? path.dropFirst() : path[...]
    throw Status(.unimplemented, "the method \(name.prefix(Self.longestNameShown)) is not implemented by this server")
  }

  private static let longestNameShown = 200
}
