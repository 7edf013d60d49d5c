/// The response on one stream.
public struct HTTP2Response {
  /// The fields of the first header block.
  public private(set) var headers: [String: String] = [:]
  public private(set) var body: [UInt8] = []
  /// The fields of the second header block; nil if there is none.
  public private(set) var trailers: [String: String]?
  /// The error code of a RST_STREAM.
  public private(set) var resetCode: UInt32?
  public private(set) var hasEnded = false

  mutating func add(_ frame: HTTP2Frame) {
    switch frame.kind {
    case .headers where headers.isEmpty: headers = frame.fields
    case .headers: trailers = frame.fields
    case .data: body += frame.payload
    case .resetStream:
      resetCode = frame.number()
      hasEnded = true
    default: break
    }
    if frame.kind == .headers || frame.kind == .data, frame.endsStream { hasEnded = true }
  }
}
