import HTTP2
import NIOCore

/// What a request's header block specifies.
struct CallHeaders: Sendable {
  let route: Router.Route
  let timeout: TimeAmount?
  /// The encoding of the client's messages.
  let encoding: MessageEncoding
  let replyEncoding: MessageEncoding
  /// All fields, including the client's metadata.
  let fields: [HeaderField]

  /// Why a request cannot become a call.
  enum Refusal: Error {
    /// The request is not gRPC; the server answers it as plain HTTP.
    case http(status: Int, text: String)
    case grpc(Status)
  }

  var method: Method { route.method }

  init(_ fields: [HeaderField], router: Router) throws(Refusal) {
    self.fields = fields
    // An empty authority is the same as none.
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
    // Clients send exactly this; parameters or another case are rare.
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
