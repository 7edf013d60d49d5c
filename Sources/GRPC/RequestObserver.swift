import NIOCore
import Synchronization

/// Is told what becomes of requests, on the event loops of their connections.
///
/// A request is the message of a call that takes one, or each message of a stream. One that begins ends once; one that
/// is refused before its message is complete ends without having begun.
public protocol RequestObserver: Sendable {
  /// The message is complete, and goes to its method.
  func requestBegan(_ request: RequestRecord)

  /// A reply goes to the client, whose windows it may have to wait for.
  func requestWasReplied(_ request: RequestRecord)

  /// - Parameter status: what the client is told; CANCELLED where it ended the call itself.
  func requestEnded(_ request: RequestRecord, _ status: Status)

  /// What came was no call of gRPC and is answered as plain HTTP.
  func requestWasNoCall(_ reason: NoCall)
}

/// Why a request of HTTP is no call of gRPC.
public enum NoCall: String, CaseIterable, Sendable {
  case notGRPC = "not_grpc"
  case headersTooLarge = "headers_too_large"
}

/// A request as an observer sees it.
public final class RequestRecord: Sendable {
  /// The number of the method in its router; nil where the client asked for none that there is.
  public let route: Int?
  /// When the message was complete; nil where it never was.
  public let start: NIODeadline?
  /// nil where the request is not followed.
  let trail: (any RequestTrail)?
  let cancellation = Cancellation()
  private let storedTopic = Atomic<Int>(0)

  init(route: Int?, start: NIODeadline? = nil, trail: (any RequestTrail)? = nil) {
    self.route = route
    self.start = start
    self.trail = trail
  }

  /// What the request is about, as its method numbers topics; 0 where that is not known.
  public var topic: Int { storedTopic.load(ordering: .relaxed) }

  func note(topic: Int) {
    storedTopic.store(topic, ordering: .relaxed)
  }
}
