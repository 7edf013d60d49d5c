import CProtobufC
import CSciMultProto
import NIOCore

/// A question about the server's services, in `grpc.reflection` v1 and v1alpha.
public struct ReflectionRequest: Sendable, Equatable {
  public enum Question: Sendable, Equatable {
    case fileByName(String)
    /// The name of a message, an enumeration, a service, or one of their members.
    case fileContainingSymbol(String)
    case fileContainingExtension(type: String, number: Int32)
    case extensionNumbers(type: String)
    case services(String)
  }

  public var host: String
  /// nil if the client's question is unknown to the server.
  public var question: Question?

  /// Reads a request from the wire.
  /// - Throws: ``WireError`` with the field.
  public init(wire bytes: ByteBuffer) throws(WireError) {
    self = try unpack(
      bytes, .reflectionRequest, maxDocuments: 0, with: grpc__reflection__v1__server_reflection_request__unpack,
      read: ReflectionRequest.init)
  }

  private init(_ message: Grpc__Reflection__V1__ServerReflectionRequest) {
    host = String(cString: message.host)
    question =
      switch message.message_request_case {
      case GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_BY_FILENAME:
        .fileByName(String(cString: message.file_by_filename))
      case GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_CONTAINING_SYMBOL:
        .fileContainingSymbol(String(cString: message.file_containing_symbol))
      case GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_CONTAINING_EXTENSION:
        .fileContainingExtension(
          type: String(cString: message.file_containing_extension.pointee.containing_type),
          number: message.file_containing_extension.pointee.extension_number)
      case GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_ALL_EXTENSION_NUMBERS_OF_TYPE:
        .extensionNumbers(type: String(cString: message.all_extension_numbers_of_type))
      case GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_LIST_SERVICES:
        .services(String(cString: message.list_services))
      default: nil
      }
  }

  fileprivate func message(
    _ arena: MessageArena
  ) -> UnsafeMutablePointer<Grpc__Reflection__V1__ServerReflectionRequest> {
    let message = arena.messages(1, initialize: grpc__reflection__v1__server_reflection_request__init)
    message.pointee.host = arena.string(host)
    switch question {
    case .fileByName(let name):
      message.pointee.message_request_case =
        GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_BY_FILENAME
      message.pointee.file_by_filename = arena.string(name)
    case .fileContainingSymbol(let symbol):
      message.pointee.message_request_case =
        GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_CONTAINING_SYMBOL
      message.pointee.file_containing_symbol = arena.string(symbol)
    case .fileContainingExtension(let type, let number):
      let wanted = arena.messages(1, initialize: grpc__reflection__v1__extension_request__init)
      wanted.pointee.containing_type = arena.string(type)
      wanted.pointee.extension_number = number
      message.pointee.message_request_case =
        GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_CONTAINING_EXTENSION
      message.pointee.file_containing_extension = wanted
    case .extensionNumbers(let type):
      message.pointee.message_request_case =
        GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_ALL_EXTENSION_NUMBERS_OF_TYPE
      message.pointee.all_extension_numbers_of_type = arena.string(type)
    case .services(let text):
      message.pointee.message_request_case =
        GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_LIST_SERVICES
      message.pointee.list_services = arena.string(text)
    case nil: break
    }
    return message
  }
}

public struct ReflectionResponse: Sendable, Equatable {
  public enum Content: Sendable, Equatable {
    /// Serialised `google.protobuf.FileDescriptorProto` messages.
    case files([[UInt8]])
    case services([String])
    /// `code` is a gRPC status code.
    case error(code: Int32, message: String)
  }

  public var request: ReflectionRequest
  public var content: Content

  public init(to request: ReflectionRequest, content: Content) {
    self.request = request
    self.content = content
  }

  /// The serialised message.
  public func wire() -> ByteBuffer {
    let arena = MessageArena.forReply()
    var message = Grpc__Reflection__V1__ServerReflectionResponse()
    grpc__reflection__v1__server_reflection_response__init(&message)
    message.valid_host = arena.string(request.host)
    message.original_request = request.message(arena)
    switch content {
    case .files(let files):
      let reply = arena.messages(1, initialize: grpc__reflection__v1__file_descriptor_response__init)
      reply.pointee.file_descriptor_proto = arena.copy(
        files.map { ProtobufCBinaryData(len: $0.count, data: arena.copy($0)) })
      reply.pointee.n_file_descriptor_proto = files.count
      message.message_response_case =
        GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_FILE_DESCRIPTOR_RESPONSE
      message.file_descriptor_response = reply
    case .services(let names):
      let reply = arena.messages(1, initialize: grpc__reflection__v1__list_service_response__init)
      let services = arena.messages(names.count, initialize: grpc__reflection__v1__service_response__init)
      for (index, name) in names.enumerated() { services[index].name = arena.string(name) }
      reply.pointee.service = arena.pointers(to: services, count: names.count)
      reply.pointee.n_service = names.count
      message.message_response_case =
        GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_LIST_SERVICES_RESPONSE
      message.list_services_response = reply
    case .error(let code, let text):
      let reply = arena.messages(1, initialize: grpc__reflection__v1__error_response__init)
      reply.pointee.error_code = code
      reply.pointee.error_message = arena.string(text)
      message.message_response_case =
        GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_ERROR_RESPONSE
      message.error_response = reply
    }
    return pack(&message.base, keeping: arena)
  }
}

extension WireSchema {
  static let reflectionRequest = WireSchema(fields: [
    1: ("host", .string), 3: ("file_by_filename", .string), 4: ("file_containing_symbol", .string),
    5: ("file_containing_extension", .message(extensionRequest)), 6: ("all_extension_numbers_of_type", .string),
    7: ("list_services", .string),
  ])

  private static let extensionRequest = WireSchema(fields: [
    1: ("containing_type", .string), 2: ("extension_number", .number),
  ])
}
