import NIOCore
import Synchronization

/// Observes the outcome of requests, on the event loops of their connections.
///
/// A request is the message of a call that takes one, or each message of a stream of requests. A request that begins
/// ends exactly once. A request that is refused before its message is complete ends without having begun.
public protocol RequestObserver: Sendable {
  /// The message is complete and goes to its method.
  func requestBegan(_ request: RequestRecord)

  /// A reply is on its way to the client; it may still wait for the client's windows.
  func requestWasReplied(_ request: RequestRecord)

  /// - Parameter status: the status sent to the client; CANCELLED if the client ended the call itself.
  func requestEnded(_ request: RequestRecord, _ status: Status)

  /// The request was not a gRPC call, and is answered as plain HTTP.
  func requestWasNoCall(_ reason: NoCall)
}

/// Why an HTTP request is not a gRPC call.
public enum NoCall: String, CaseIterable, Sendable {
  case notGRPC = "not_grpc"
  case headersTooLarge = "headers_too_large"
}

/// A request as an observer sees it.
public final class RequestRecord: Sendable {
  /// The number of the method in its router; nil if the client asked for an unknown method.
  public let route: Int?
  /// When the message was complete; nil if it never was.
  public let start: NIODeadline?
  /// nil if the request is not followed.
  let trail: (any RequestTrail)?
  let cancellation = Cancellation()
  private let storedTopic = Atomic<Int>(0)

  init(route: Int?, start: NIODeadline? = nil, trail: (any RequestTrail)? = nil) {
    self.route = route
    self.start = start
    self.trail = trail
  }

  /// The request's topic, as its method numbers topics; 0 if unknown.
  public var topic: Int { storedTopic.load(ordering: .relaxed) }

  func note(topic: Int) {
    storedTopic.store(topic, ordering: .relaxed)
  }
}
