import CProtobufC
import CSciMultProto
import NIOCore

/// Whether a service accepts calls, with the numbers of `grpc.health.v1`.
public enum ServingStatus: UInt32, Sendable {
  case serving = 1
  case notServing = 2
  /// The server has no such service.
  case serviceUnknown = 3
}

public struct HealthCheckRequest: Sendable, Equatable {
  /// Empty for the whole server.
  public var service: String

  /// Reads a request from the wire.
  /// - Throws: ``WireError`` with the field.
  public init(wire bytes: ByteBuffer) throws(WireError) {
    service = try unpack(
      bytes, .healthCheckRequest, maxDocuments: 0, with: grpc__health__v1__health_check_request__unpack
    ) { String(cString: $0.service) }
  }
}

public struct HealthCheckResponse: Sendable, Equatable {
  public var status: ServingStatus

  public init(status: ServingStatus) {
    self.status = status
  }

  /// The serialised message.
  public func wire() -> ByteBuffer {
    var message = Grpc__Health__V1__HealthCheckResponse()
    grpc__health__v1__health_check_response__init(&message)
    message.status = Grpc__Health__V1__HealthCheckResponse__ServingStatus(rawValue: status.rawValue)
    return pack(&message.base, keeping: MessageArena.forReply())
  }
}

extension WireSchema {
  static let healthCheckRequest = WireSchema(fields: [1: ("service", .string)])
}
