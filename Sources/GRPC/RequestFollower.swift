import HTTP2
import NIOCore

/// Chooses the requests that are followed one by one, for traces and for the log of requests.
///
/// Unlike ``RequestObserver``, which every request passes, it sees what a client says of a request.
public protocol RequestFollower: Sendable {
  /// Called on the connection's event loop when the message is complete, or never will be.
  /// - Returns: what is told of the request; nil where it is not followed.
  func follow(_ origin: RequestOrigin) -> (any RequestTrail)?
}

/// Where a request comes from.
public struct RequestOrigin: Sendable {
  /// The number of the method in its router; nil where the client asked for none that there is.
  public let route: Int?
  /// The call's.
  public let headers: [HeaderField]
  public let peer: SocketAddress?
  /// When its first bytes were there: a call's header block, or a stream's message.
  public let arrival: NIODeadline
}

/// Is told what a request goes through, on any thread, and at last what became of it.
public protocol RequestTrail: Sendable {
  func reached(_ stage: RequestStage, at time: NIODeadline)

  /// - Parameter requestID: the client's name for the request, as it came.
  func note(requestID: String)

  /// What there is to do: texts, and their tokens as the model reads them.
  func note(texts: Int, tokens: Int)

  /// How many texts the encoder was asked for; the others were known.
  func note(encodedTexts: Int)

  /// The outcome is known.
  /// - Parameters:
  ///   - status: what the client is told; CANCELLED where it ended the call itself.
  ///   - topic: what the request is about, as its method numbers topics; 0 where that is not known.
  func ended(_ status: Status, topic: Int)

  /// The answer has been handed to the connection, or nobody waits for it any more. The last that is told.
  func left()
}

extension RequestTrail {
  public func reached(_ stage: RequestStage) { reached(stage, at: .now()) }
}

/// What a request goes through, in this order; not all requests reach all.
public enum RequestStage: Int, CaseIterable, Sendable {
  /// The message is there.
  case complete
  /// Its bytes begin to be read.
  case reading
  /// It is read, and waits for the encoder.
  case queued
  /// The encoder begins with its first text.
  case encoding
  /// All embeddings are there.
  case encoded
}
