import NIOHTTP1

/// An answer of the admin port.
struct AdminReply: Sendable, Equatable {
  var status: HTTPResponseStatus
  var contentType: String? = nil
  /// The methods that there are, where another was asked for.
  var allow: String? = nil
  var body = ""
}
