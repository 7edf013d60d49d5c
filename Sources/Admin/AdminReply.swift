import NIOHTTP1

/// An answer of the admin port.
struct AdminReply: Sendable, Equatable {
  var status: HTTPResponseStatus
  var contentType: String? = nil
  /// The supported methods, if the request's method is not supported.
  var allow: String? = nil
  var body = ""
}
