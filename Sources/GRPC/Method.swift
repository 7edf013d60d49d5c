import NIOCore

/// A method of a service.
public struct Method: Sendable {
  /// How many messages go each way.
  private enum Kind {
    case unary, serverStream, stream
  }

  private let kind: Kind
  let handler: RequestHandler
  let makeInspector: MakeMessageInspector?

  /// One request, one reply.
  public static func unary(_ handler: @escaping RequestHandler, inspector: MakeMessageInspector? = nil) -> Method {
    Method(kind: .unary, handler: handler, makeInspector: inspector)
  }

  /// One request, any number of replies, until the handler or the client ends the call.
  public static func serverStream(_ handler: @escaping RequestHandler) -> Method {
    Method(kind: .serverStream, handler: handler, makeInspector: nil)
  }

  /// Any number of requests, each answered by one reply as it is ready; the client's half-close ends the call when all
  /// are answered.
  public static func stream(_ handler: @escaping RequestHandler, inspector: MakeMessageInspector? = nil) -> Method {
    Method(kind: .stream, handler: handler, makeInspector: inspector)
  }

  var takesOneRequest: Bool { kind != .stream }

  /// Whether more than one message may go one way, or both.
  public var isStreaming: Bool { kind != .unary }
}

/// What a method does with a request.
public typealias RequestHandler = @Sendable (Request) -> Void

/// Looks at a message while it arrives, so that what would be refused in the end is refused before the rest of it has
/// come. A message that arrives at once, or compressed, is not shown.
public protocol MessageInspector: Sendable {
  /// - Parameter bytes: the message's next ones.
  /// - Throws: ``Status`` that refuses the message.
  mutating func inspect(_ bytes: ByteBuffer) throws(Status)
}

/// Makes an inspector for a message.
public typealias MakeMessageInspector = @Sendable () -> any MessageInspector
