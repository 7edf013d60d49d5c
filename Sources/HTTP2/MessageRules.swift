/// Checks a request's message, field by field, against HTTP/2's rules (RFC 9113, section 8).
///
/// One rule is wider than HTTP's: gRPC calls have any `:authority`, such as the path of a socket file, an empty one, or
/// none.
struct MessageRules {
  /// Fields that may occur only once: HTTP/2's own, and those that affect the meaning of others.
  private struct Single: OptionSet {
    let rawValue: UInt8

    static let method = Single(rawValue: 1)
    static let scheme = Single(rawValue: 2)
    static let path = Single(rawValue: 4)
    static let authority = Single(rawValue: 8)
    static let host = Single(rawValue: 16)
  }

  private var seen: Single = []
  private var hasSeenRegularField = false
  private var isConnect = false
  private var mayHaveAsterisk = false
  private var isWeb = false
  private var isPathAbsolute = false
  private var isAsterisk = false
  /// Whether the request's header block has ended: further header blocks are trailers.
  private(set) var areHeadersComplete = false
  /// The value of `content-length`.
  private var announcedBytes: Int?
  private var receivedBytes = 0
  /// Whether the message broke a rule, here or about characters: then the rest of its stream is ignored.
  var isBroken = false

  /// - Parameter field: a field whose name and value contain only allowed characters.
  /// - Returns: false if the field is not allowed here.
  mutating func accepts(_ field: HeaderField) -> Bool {
    let isAllowed = field.name.utf8.first == UInt8(ascii: ":") ? acceptsPseudo(field) : acceptsRegular(field)
    isBroken = isBroken || !isAllowed
    return isAllowed
  }

  /// A header block has ended: the request's, or trailers.
  mutating func acceptsEndOfHeaders(endOfStream: Bool) -> Bool {
    // Trailers must end the message.
    let isAllowed = areHeadersComplete ? endOfStream : isRequest
    areHeadersComplete = true
    isBroken = isBroken || !isAllowed
    return endOfStream ? acceptsEnd() : !isBroken
  }

  mutating func accepts(bodyBytes: Int) -> Bool {
    receivedBytes += bodyBytes
    if let announcedBytes, receivedBytes > announcedBytes { isBroken = true }
    return !isBroken
  }

  /// The message is complete.
  mutating func acceptsEnd() -> Bool {
    if let announcedBytes, receivedBytes != announcedBytes { isBroken = true }
    return !isBroken
  }

  private mutating func acceptsPseudo(_ field: HeaderField) -> Bool {
    guard !areHeadersComplete, !hasSeenRegularField else { return false }
    switch field.name {
    case ":method":
      isConnect = field.value == "CONNECT"
      mayHaveAsterisk = field.value == "OPTIONS"
      return isFirst(.method)
    case ":scheme":
      let scheme = field.value.lowercased()
      isWeb = scheme == "http" || scheme == "https"
      return isFirst(.scheme) && Self.isScheme(scheme)
    case ":path":
      isPathAbsolute = field.value.utf8.first == UInt8(ascii: "/")
      isAsterisk = field.value == "*"
      return isFirst(.path) && !field.value.isEmpty
    case ":authority": return isFirst(.authority)
    default: return false
    }
  }

  private mutating func acceptsRegular(_ field: HeaderField) -> Bool {
    hasSeenRegularField = true
    switch field.name {
    case "host": return areHeadersComplete || isFirst(.host)
    case "content-length":
      guard announcedBytes == nil, field.value.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return false }
      announcedBytes = Int(field.value)
      return announcedBytes != nil
    // These fields describe an HTTP/1 connection.
    case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade": return false
    case "te": return field.value.lowercased() == "trailers"
    default: return true
    }
  }

  private mutating func isFirst(_ field: Single) -> Bool { seen.insert(field).inserted }

  private var isRequest: Bool {
    guard !isConnect else { return seen.isDisjoint(with: [.scheme, .path]) && seen.contains(.authority) }
    guard seen.isSuperset(of: [.method, .scheme, .path]) else { return false }
    return !isWeb || isPathAbsolute || (isAsterisk && mayHaveAsterisk)
  }

  private static func isScheme(_ text: String) -> Bool {
    func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    guard let first = text.utf8.first, isLetter(first) else { return false }
    return text.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || "+-.".utf8.contains($0) }
  }
}
