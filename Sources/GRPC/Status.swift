import HTTP2
import NIOCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A gRPC status: the outcome of a call.
public struct Status: Error, Sendable, Equatable {
  /// The status codes of gRPC that the server uses.
  public enum Code: Int32, CaseIterable, Sendable {
    case ok = 0
    /// The client ended the call; never sent.
    case cancelled = 1
    case invalidArgument = 3
    case deadlineExceeded = 4
    case notFound = 5
    case resourceExhausted = 8
    case failedPrecondition = 9
    case unimplemented = 12
    case `internal` = 13
    case unavailable = 14
    case unauthenticated = 16

    /// The name in gRPC's specification.
    public var name: String {
      switch self {
      case .ok: "OK"
      case .cancelled: "CANCELLED"
      case .invalidArgument: "INVALID_ARGUMENT"
      case .deadlineExceeded: "DEADLINE_EXCEEDED"
      case .notFound: "NOT_FOUND"
      case .resourceExhausted: "RESOURCE_EXHAUSTED"
      case .failedPrecondition: "FAILED_PRECONDITION"
      case .unimplemented: "UNIMPLEMENTED"
      case .internal: "INTERNAL"
      case .unavailable: "UNAVAILABLE"
      case .unauthenticated: "UNAUTHENTICATED"
      }
    }
  }

  /// Why the server refuses a request because of a limit or of its own state, and not because of the request's content.
  public enum Refusal: String, CaseIterable, Sendable {
    case messageTooLarge = "message_too_large"
    case replyTooLarge = "reply_too_large"
    case queueFull = "queue_full"
    case sendBudget = "send_budget"
    case deadline
    case slowMessage = "slow_message"
    case draining
    case unauthenticated
  }

  public let code: Code
  public let message: String
  /// A serialised google.rpc.Status.
  public let details: ByteBuffer?
  /// Trailers in addition to the status.
  public let metadata: [HeaderField]
  /// For observers that count refusals; not sent to the client.
  public let refusal: Refusal?

  public init(
    _ code: Code, _ message: String, details: ByteBuffer? = nil, metadata: [HeaderField] = [],
    refusal: Refusal? = nil
  ) {
    self.code = code
    self.message = message
    self.details = details
    self.metadata = metadata
    self.refusal = refusal
  }

  public static let ok = Status(.ok, "")

  /// The trailers that carry the status.
  var trailers: [HeaderField] {
    var fields = [HeaderField("grpc-status", String(code.rawValue))]
    if !message.isEmpty { fields.append(HeaderField("grpc-message", PercentEncoding.encode(message))) }
    if let details {
      let base64 = Data(details.readableBytesView).base64EncodedString()
      let unpadded = base64.prefix { $0 != "=" }
      fields.append(HeaderField("grpc-status-details-bin", String(unpadded)))
    }
    fields.append(contentsOf: metadata)
    return fields
  }
}
