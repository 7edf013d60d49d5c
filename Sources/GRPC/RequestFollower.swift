import HTTP2
import NIOCore

/// Selects the requests to follow one by one, for traces and for the request log.
///
/// Every request passes ``RequestObserver``. In contrast, a follower sees what the client says about a request.
public protocol RequestFollower: Sendable {
  /// Called on the connection's event loop when the message is complete, or never will be.
  /// - Returns: the receiver of the request's stages; nil if the request is not followed.
  func follow(_ origin: RequestOrigin) -> (any RequestTrail)?
}

/// The origin of a request.
public struct RequestOrigin: Sendable {
  /// The number of the method in its router; nil if the client asked for an unknown method.
  public let route: Int?
  /// The call's headers.
  public let headers: [HeaderField]
  public let peer: SocketAddress?
  /// When the first bytes arrived: of a call's header block, or of a stream's message.
  public let arrival: NIODeadline
}

/// Receives the stages of a request, on any thread, and finally its outcome.
public protocol RequestTrail: Sendable {
  func reached(_ stage: RequestStage, at time: NIODeadline)

  /// - Parameter requestID: the client's name for the request, as received.
  func note(requestID: String)

  /// The work of the request: its texts, and their tokens as the model reads them.
  func note(texts: Int, tokens: Int)

  /// The number of texts that were sent to the encoder; the others were cached.
  func note(encodedTexts: Int)

  /// The outcome is known.
  /// - Parameters:
  ///   - status: the status sent to the client; CANCELLED if the client ended the call itself.
  ///   - topic: the request's topic, as its method numbers topics; 0 if unknown.
  func ended(_ status: Status, topic: Int)

  /// The connection has the answer, or no client waits for it any more. This is the last call.
  func left()
}

extension RequestTrail {
  public func reached(_ stage: RequestStage) { reached(stage, at: .now()) }
}

/// The stages of a request, in order; not all requests reach all stages.
public enum RequestStage: Int, CaseIterable, Sendable {
  /// The message is complete.
  case complete
  /// A thread begins to read its bytes.
  case reading
  /// The request is read, and waits for the encoder.
  case queued
  /// The encoder begins the request's first text.
  case encoding
  /// All embeddings are ready.
  case encoded
}
