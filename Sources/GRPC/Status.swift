import HTTP2
import NIOCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// How a call ended: a gRPC status.
public struct Status: Error, Sendable, Equatable {
  /// The status codes of gRPC that the server uses.
  public enum Code: Int32, Sendable {
    case ok = 0
    case invalidArgument = 3
    case deadlineExceeded = 4
    case notFound = 5
    case resourceExhausted = 8
    case failedPrecondition = 9
    case unimplemented = 12
    case `internal` = 13
    case unavailable = 14
  }

  public let code: Code
  public let message: String
  /// A serialised google.rpc.Status.
  public let details: ByteBuffer?
  /// Trailers beside the status.
  public let metadata: [HeaderField]

  public init(_ code: Code, _ message: String, details: ByteBuffer? = nil, metadata: [HeaderField] = []) {
    self.code = code
    self.message = message
    self.details = details
    self.metadata = metadata
  }

  static let ok = Status(.ok, "")

  /// The trailers that carry the status.
  var trailers: [HeaderField] {
    var fields = [HeaderField("grpc-status", String(code.rawValue))]
    if !message.isEmpty { fields.append(HeaderField("grpc-message", PercentEncoding.encode(message))) }
    if let details {
      let base64 = Data(details.readableBytesView).base64EncodedString()
      let unpadded = base64.prefix { $0 != "=" }
      fields.append(HeaderField("grpc-status-details-bin", String(unpadded)))
    }
    return fields + metadata
  }
}
