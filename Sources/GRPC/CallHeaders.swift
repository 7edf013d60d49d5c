import HTTP2
import NIOCore

/// What a request's header block asks for.
struct CallHeaders: Sendable {
  let route: Router.Route
  let timeout: TimeAmount?
  /// Of the client's messages.
  let encoding: MessageEncoding
  let replyEncoding: MessageEncoding
  /// All fields, the client's metadata among them.
  let fields: [HeaderField]

  /// Why a request cannot become a call.
  enum Refusal: Error {
    /// It is not gRPC: answered as plain HTTP.
    case http(status: Int, text: String)
    case grpc(Status)
  }

  var method: Method { route.method }

  init(_ fields: [HeaderField], router: Router) throws(Refusal) {
    self.fields = fields
    // An authority of no characters says as much as none.
    if let host = fields.first("host"), let authority = fields.first(":authority"), !authority.isEmpty,
      host != authority
    {
      throw .http(status: 400, text: "the header host contradicts :authority\n")
    }
    guard fields.first(":method") == "POST" else {
      throw .http(status: 405, text: "this is a gRPC server: requests are POST\n")
    }
    let contentType = fields.first("content-type") ?? ""
    guard Self.isGRPC(contentType) else {
      let given = contentType.prefix(100)
      throw .http(
        status: 415, text: "this is a gRPC server: content-type must be application/grpc, not \"\(given)\"\n")
    }
    do {
      route = try router.route(for: fields.first(":path") ?? "")
      timeout = try Self.timeout(fields)
      encoding = try Self.encoding(fields)
      replyEncoding = encoding.forReplies(accepted: fields.first("grpc-accept-encoding"))
    } catch {
      throw .grpc(error)
    }
  }

  private static func isGRPC(_ contentType: String) -> Bool {
    // What clients send; a parameter or another case is rare.
    if contentType == "application/grpc" { return true }
    let type = contentType.lowercased()
    return ["application/grpc", "application/grpc+proto"].contains { type == $0 || type.hasPrefix($0 + ";") }
  }

  private static func timeout(_ fields: [HeaderField]) throws(Status) -> TimeAmount? {
    guard let text = fields.first("grpc-timeout") else { return nil }
    guard let timeout = Timeout.parse(text) else {
      throw Status(.internal, "malformed grpc-timeout \"\(text.prefix(40))\"")
    }
    guard timeout > .nanoseconds(0) else { throw Call.deadlineExceeded }
    return timeout
  }

  private static func encoding(_ fields: [HeaderField]) throws(Status) -> MessageEncoding {
    guard let name = fields.first("grpc-encoding") else { return .identity }
    if let encoding = MessageEncoding(rawValue: name) { return encoding }
    throw Status(
      .unimplemented, "grpc-encoding \"\(name.prefix(40))\" is not supported; \(MessageEncoding.accepted) are",
      metadata: [HeaderField("grpc-accept-encoding", MessageEncoding.accepted)])
  }
}
