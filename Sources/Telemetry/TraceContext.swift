import Messages

/// W3C Trace Context: a position in a trace, as in the headers `traceparent` and `tracestate`.
public struct TraceContext: Sendable, Equatable {
  public var position: SpanPosition
  /// Whether another process created the span.
  public var isRemote = false

  static let sampledFlag: UInt8 = 1
  /// The trace's number is random.
  static let randomFlag: UInt8 = 2

  var isSampled: Bool { position.flags & Self.sampledFlag != 0 }

  /// Reads the caller's headers.
  /// - Returns: nil if the specification does not allow the text; a new trace then begins.
  public init?(traceparent: String, tracestate: String? = nil) {
    let bytes = Array(traceparent.utf8)
    guard bytes.count >= Self.length, bytes[2] == Self.dash, bytes[35] == Self.dash, bytes[52] == Self.dash,
      let version = HexText.number(bytes[0..<2]), version != 0xff,
      let high = HexText.number(bytes[3..<19]), let low = HexText.number(bytes[19..<35]), high | low != 0,
      let span = HexText.number(bytes[36..<52]), span != 0,
      let flags = HexText.number(bytes[53..<55])
    else { return nil }
    // Later versions may add fields after a dash; version 00 may not.
    guard bytes.count == Self.length || (version > 0 && bytes[Self.length] == Self.dash) else { return nil }
    position = SpanPosition(
      trace: TraceID(high: high, low: low), span: SpanID(span),
      flags: UInt8(flags) & (Self.sampledFlag | Self.randomFlag), state: tracestate.flatMap(TraceState.valid) ?? "")
    isRemote = true
  }

  init(_ position: SpanPosition) {
    self.position = position
  }

  /// The header's value for a call to another server.
  public var traceparent: String {
    "00-\(position.trace.hex)-\(position.span.hex)-\(HexText.text(UInt64(position.flags), digits: 2))"
  }

  /// The length of `traceparent` in version 00.
  private static let length = 55
  private static let dash = UInt8(ascii: "-")
}

/// W3C's `tracestate`, which is passed on unchanged.
enum TraceState {
  static let maxMembers = 32

  /// - Returns: the text without surrounding spaces; nil if the specification does not allow it.
  static func valid(_ text: String) -> String? {
    let members = text.split(separator: ",").map { $0.trimming(" \t") }.filter { !$0.isEmpty }
    guard members.count <= maxMembers, members.allSatisfy(isMember) else { return nil }
    guard Set(members.map { $0.prefix { $0 != "=" } }).count == members.count else { return nil }
    return members.joined(separator: ",")
  }

  private static func isMember(_ text: Substring) -> Bool {
    guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) else { return false }
    let (key, value) = (text.utf8[..<equals], text.utf8[text.utf8.index(after: equals)...])
    guard let first = key.first, isLowerCaseOrDigit(first), key.count <= 256 else { return false }
    guard key.allSatisfy({ isLowerCaseOrDigit($0) || "_-*/@".utf8.contains($0) }) else { return false }
    return (1...256).contains(value.count) && value.last != UInt8(ascii: " ")
      && value.allSatisfy { (0x20...0x7e).contains($0) && $0 != UInt8(ascii: "=") }
  }

  private static func isLowerCaseOrDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}

extension Substring {
  /// The text without any of these characters at its ends.
  func trimming(_ characters: String) -> Substring {
    let front = drop { characters.contains($0) }
    return front.prefix(front.count - front.reversed().prefix { characters.contains($0) }.count)
  }
}
