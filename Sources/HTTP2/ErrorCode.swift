/// The HTTP/2 error codes (RFC 9113, section 7) with which the server ends connections and streams.
public enum ErrorCode: UInt32, Sendable {
  case noError = 0x0
  case protocolError = 0x1
  case refusedStream = 0x7
  case cancel = 0x8
  case enhanceYourCalm = 0xb
}
