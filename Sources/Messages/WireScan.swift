/// Why the bytes of a request were refused before unpacking.
public struct WireError: Error, Sendable, Equatable {
  /// The field as a path: `documents[3].paper.title`; empty for the whole message.
  public let field: String
  public let description: String
}

/// Scans the bytes of a request in one pass, before protobuf-c unpacks them.
///
/// protobuf-c accepts what the server must not: it accepts invalid UTF-8, cuts strings at a NUL, and turns one received
/// byte into up to 60 bytes of memory (empty documents, unknown fields, a field given again and again). The scan's own
/// memory does not grow with the message.
///
/// The bytes may arrive in pieces, cut anywhere. The scan reports a fault at the first wrong byte.
struct WireScan {
  /// Maximum fields, in the whole message, that the contract does not have, or that are given again although they are
  /// not repeated.
  static let maxSurplusFields = 64

  /// A message that is being read: the request, or one inside it.
  private struct Level {
    let schema: WireSchema
    /// The path of the message's field in the outer message.
    var name = ""
    var index: Int?
    /// The position after the message's last byte; unknown for the request.
    var end = Int.max
    var seen: UInt64 = 0
    var documents = 0
  }

  /// What the next byte belongs to.
  private enum Expected {
    /// A field's tag, or the end of the message.
    case tag
    /// The value of a number.
    case number
    /// The length of a payload; nil for a skipped field.
    case length(of: (name: String, field: WireSchema.Field)?)
    /// The given number of bytes to skip.
    case passedOver(Int)
    /// The given number of bytes of a string.
    case string(Int, TextScan, name: String)
  }

  private let maxDocuments: Int
  private var levels: [Level]
  private var expected = Expected.tag
  private var varint = Varint()
  private var surplusFields = 0
  /// The number of scanned bytes.
  private var position = 0
  private var tagPosition = 0

  init(_ schema: WireSchema, maxDocuments: Int) {
    self.maxDocuments = maxDocuments
    levels = [Level(schema: schema)]
  }

  /// Checks a whole message against its schema.
  /// - Throws: ``WireError`` for the first fault.
  static func check(_ bytes: Span<UInt8>, against schema: WireSchema, maxDocuments: Int) throws(WireError) {
    var scan = WireScan(schema, maxDocuments: maxDocuments)
    try scan.scan(bytes)
    try scan.finish()
  }

  /// Checks the next bytes of the message.
  /// - Throws: ``WireError`` for the first fault; the scan is then over.
  mutating func scan(_ bytes: Span<UInt8>) throws(WireError) {
    var next = 0
    while next < bytes.count {
      switch expected {
      case .tag:
        leaveFinishedLevels()
        if varint.isEmpty { tagPosition = position }
        if let tag = try readVarint(bytes, &next) { try begin(tag) }
      case .number:
        if try readVarint(bytes, &next) != nil { expected = .tag }
      case .length(let field):
        if let length = try readVarint(bytes, &next) { try enter(field, length: length) }
      case .passedOver(let count):
        let taken = min(count, bytes.count - next)
        advance(&next, by: taken)
        expected = taken < count ? .passedOver(count - taken) : .tag
      case .string(let count, var text, let name):
        let taken = min(count, bytes.count - next)
        do throws(TextScan.Fault) {
          try text.scan(bytes.extracting(next..<next + taken))
          if taken == count { try text.finish() }
        } catch {
          throw WireError(field: pathText(name), description: error.description)
        }
        advance(&next, by: taken)
        expected = taken < count ? .string(count - taken, text, name: name) : .tag
      }
    }
  }

  /// Checks that the message may end here.
  func finish() throws(WireError) {
    var finished = self
    finished.leaveFinishedLevels()
    guard case .tag = expected, varint.isEmpty, finished.levels.count == 1 else { throw malformed(at: tagPosition) }
  }

  private mutating func begin(_ tag: UInt64) throws(WireError) {
    guard tag >> 3 >= 1, tag >> 3 < 1 << 29 else { throw malformed(at: tagPosition) }
    let wireType = tag & 7
    let level = levels.count - 1
    let known = levels[level].schema.fields[UInt32(tag >> 3)]
    if let (name, field) = known {
      // By the specification, such a field is unknown; protobuf-c reads some of them as if they were right.
      guard field.wireType == wireType || !WireType.isKnown(wireType) else {
        throw WireError(field: pathText(name), description: "has wire type \(wireType), not \(field.wireType)")
      }
      try count(name, field, number: tag >> 3)
    } else {
      try countSurplus()
    }
    switch wireType {
    case WireType.varint: expected = .number
    case WireType.fixed64: try passOver(8)
    case WireType.lengthDelimited: expected = .length(of: known)
    case WireType.fixed32: try passOver(4)
    default: throw malformed(at: tagPosition)
    }
  }

  /// Counts a field of the innermost message: a document, or a field given again.
  private mutating func count(_ name: String, _ field: WireSchema.Field, number: UInt64) throws(WireError) {
    let level = levels.count - 1
    if case .documents = field {
      levels[level].documents += 1
      let documents = levels[level].documents
      guard documents <= maxDocuments else {
        throw WireError(
          field: pathText(name), description: "\(documents) or more given; the limit is \(maxDocuments)")
      }
      return
    }
    let bit = UInt64(1) << number
    if levels[level].seen & bit != 0 {
      if case .message = field { throw WireError(field: pathText(name), description: "given more than once") }
      try countSurplus()
    }
    levels[level].seen |= bit
  }

  private mutating func countSurplus() throws(WireError) {
    surplusFields += 1
    guard surplusFields <= Self.maxSurplusFields else {
      throw WireError(
        field: "", description: "more than \(Self.maxSurplusFields) fields that are unknown or given more than once")
    }
  }

  /// Begins a payload of the given size.
  private mutating func enter(
    _ known: (name: String, field: WireSchema.Field)?, length: UInt64
  ) throws(WireError) {
    guard length <= UInt64(levels[levels.count - 1].end - position) else { throw malformed(at: tagPosition) }
    let count = Int(length)
    expected = .tag
    switch known?.field {
    case .name(let maxBytes) where count > maxBytes:
      throw WireError(field: pathText(known?.name), description: "takes \(count) bytes; the limit is \(maxBytes)")
    case .string where count > 0, .name where count > 0:
      expected = .string(count, TextScan(), name: known?.name ?? "")
    case .message(let schema):
      levels.append(Level(schema: schema, name: known?.name ?? "", end: position + count))
    case .documents(let schema):
      let index = levels[levels.count - 1].documents - 1
      levels.append(Level(schema: schema, name: known?.name ?? "", index: index, end: position + count))
    default: try passOver(count)
    }
  }

  private mutating func passOver(_ count: Int) throws(WireError) {
    guard count <= levels[levels.count - 1].end - position else { throw malformed(at: tagPosition) }
    expected = count > 0 ? .passedOver(count) : .tag
  }

  private mutating func leaveFinishedLevels() {
    guard varint.isEmpty else { return }
    while levels.count > 1, levels[levels.count - 1].end == position { levels.removeLast() }
  }

  /// - Returns: nil if the bytes end inside the number.
  private mutating func readVarint(_ bytes: Span<UInt8>, _ next: inout Int) throws(WireError) -> UInt64? {
    let end = levels[levels.count - 1].end
    while next < bytes.count {
      guard position < end else { throw malformed(at: tagPosition) }
      let outcome = varint.take(bytes[next])
      advance(&next, by: 1)
      switch outcome {
      case .unfinished: continue
      case .tooLong: throw malformed(at: tagPosition)
      case .value(let value): return value
      }
    }
    return nil
  }

  private mutating func advance(_ next: inout Int, by count: Int) {
    next += count
    position += count
  }

  private func malformed(at position: Int) -> WireError {
    WireError(field: pathText(nil), description: "malformed protobuf at byte \(position)")
  }

  private func pathText(_ last: String?) -> String {
    let steps = levels.dropFirst().map { level in level.index.map { "\(level.name)[\($0)]" } ?? level.name }
    return (steps + [last].compactMap(\.self)).joined(separator: ".")
  }
}

/// A number in as many bytes as it needs: seven bits in each, the lowest first.
private struct Varint {
  enum Outcome {
    case unfinished, tooLong
    case value(UInt64)
  }

  private var value: UInt64 = 0
  private var shift: UInt64 = 0

  var isEmpty: Bool { shift == 0 }

  mutating func take(_ byte: UInt8) -> Outcome {
    value |= shift < 64 ? UInt64(byte & 0x7f) << shift : 0
    shift += 7
    if byte < 0x80 {
      defer { self = Varint() }
      return .value(value)
    }
    return shift < 70 ? .unfinished : .tooLong
  }
}

/// protobuf's encodings of a field's value. Groups are not included: proto3 has none.
private enum WireType {
  static let varint: UInt64 = 0
  static let fixed64: UInt64 = 1
  static let lengthDelimited: UInt64 = 2
  static let fixed32: UInt64 = 5

  static func isKnown(_ type: UInt64) -> Bool { [varint, fixed64, lengthDelimited, fixed32].contains(type) }
}

extension WireSchema.Field {
  /// The wire type of the field.
  fileprivate var wireType: UInt64 {
    switch self {
    case .number: WireType.varint
    case .string, .name, .message, .documents: WireType.lengthDelimited
    }
  }
}
