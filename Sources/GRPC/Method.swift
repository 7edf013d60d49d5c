import NIOCore

/// A method of a service.
public struct Method: Sendable {
  /// The number of messages in each direction.
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

  /// Any number of requests, each answered by one reply as soon as it is ready. The client's half-close ends the call
  /// when all requests are answered.
  public static func stream(_ handler: @escaping RequestHandler, inspector: MakeMessageInspector? = nil) -> Method {
    Method(kind: .stream, handler: handler, makeInspector: inspector)
  }

  var takesOneRequest: Bool { kind != .stream }

  /// Whether more than one message may travel in either direction.
  public var isStreaming: Bool { kind != .unary }
}

/// Handles a request of a method.
public typealias RequestHandler = @Sendable (Request) -> Void

/// Inspects a message while it arrives, so that the server can refuse an invalid message before the rest of it has
/// arrived. Messages that arrive at once or compressed are not inspected.
public protocol MessageInspector: Sendable {
  /// - Parameter bytes: the next bytes of the message.
  /// - Throws: ``Status`` to refuse the message.
  mutating func inspect(_ bytes: ByteBuffer) throws(Status)
}

/// Makes an inspector for a message.
public typealias MakeMessageInspector = @Sendable () -> any MessageInspector
