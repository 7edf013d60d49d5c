/// A method of a service, by how many messages go each way.
public enum Method: Sendable {
  /// One request, one reply.
  case unary(RequestHandler)
  /// One request, any number of replies, until the handler or the client ends the call.
  case serverStream(RequestHandler)
  /// Any number of requests, each answered by one reply as it is ready; the client's half-close ends the call when all
  /// are answered.
  case stream(RequestHandler)

  var handler: RequestHandler {
    switch self {
    case .unary(let handler), .serverStream(let handler), .stream(let handler): handler
    }
  }

  var takesOneRequest: Bool {
    if case .stream = self { return false }
    return true
  }

  /// Whether more than one message may go one way, or both.
  public var isStreaming: Bool {
    if case .unary = self { return false }
    return true
  }
}

/// What a method does with a request.
public typealias RequestHandler = @Sendable (Request) -> Void
