import CProtobufC
import CSciMultProto
import NIOCore

/// A wrong field of a request, and the reason.
public struct FieldViolation: Sendable, Equatable {
  /// The field as a path: `documents[3].paper.title`.
  public let field: String
  public let description: String

  public init(field: String, description: String) {
    self.field = field
    self.description = description
  }
}

/// The rich form of a gRPC error (`google.rpc.Status`), as in the trailer `grpc-status-details-bin`.
public enum ErrorDetails {
  /// A status with a `google.rpc.BadRequest` that lists the violations.
  public static func badRequest(code: Int32, message text: String, violations: [FieldViolation]) -> ByteBuffer {
    let arena = MessageArena.forReply()
    var request = Google__Rpc__BadRequest()
    google__rpc__bad_request__init(&request)
    let values = arena.messages(violations.count, initialize: google__rpc__bad_request__field_violation__init)
    for (index, violation) in violations.enumerated() {
      values[index].field = arena.string(violation.field)
      values[index].description = arena.string(violation.description)
    }
    request.field_violations = arena.pointers(to: values, count: violations.count)
    request.n_field_violations = violations.count
    let detail = pack(&request.base, keeping: arena)

    let any = arena.messages(1, initialize: google__protobuf__any__init)
    any.pointee.type_url = arena.string("type.googleapis.com/google.rpc.BadRequest")
    let bytes = Array(detail.readableBytesView)
    any.pointee.value = ProtobufCBinaryData(len: bytes.count, data: arena.copy(bytes))
    var status = Google__Rpc__Status()
    google__rpc__status__init(&status)
    status.code = code
    status.message = arena.string(text)
    status.details = arena.pointers(to: any, count: 1)
    status.n_details = 1
    return pack(&status.base, keeping: arena)
  }
}
