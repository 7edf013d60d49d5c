/// Why the bytes of a request were refused before they were unpacked.
public struct WireError: Error, Sendable, Equatable {
  /// The field as a path: `documents[3].paper.title`; empty for the message as a whole.
  public let field: String
  public let description: String
}

/// One pass over the bytes of a request, before protobuf-c unpacks them.
///
/// protobuf-c accepts what must not get further: it lets invalid UTF-8 pass, cuts strings at a NUL, and makes up to
/// 60 bytes of memory of one byte received (empty documents, unknown fields, a field given again and again). The
/// scan's own memory does not grow with the message.
///
/// The bytes may come in pieces, cut anywhere: what is wrong with a message is known at the first byte that is.
struct WireScan {
  /// Fields that the contract does not know, or that come again though they are not repeated, in the whole message.
  static let maxSurplusFields = 64

  /// A message that is being read: the request, or one inside it.
  private struct Level {
    let schema: WireSchema
    /// Where its field stands in the message around it.
    var name = ""
    var index: Int?
    /// The position behind its last byte; that of the request is not known.
    var end = Int.max
    var seen: UInt64 = 0
    var documents = 0
  }

  /// What the next byte is.
  private enum Expected {
    /// Of a field's tag, or the end of the message.
    case tag
    /// Of a number's value.
    case number
    /// Of a payload's length; nil for a field that is passed over.
    case length(of: (name: String, field: WireSchema.Field)?)
    /// Of so many bytes that are passed over.
    case passedOver(Int)
    /// Of so many bytes of a string.
    case string(Int, TextScan, name: String)
  }

  private let maxDocuments: Int
  private var levels: [Level]
  private var expected = Expected.tag
  private var varint = Varint()
  private var surplusFields = 0
  /// Bytes scanned.
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
  /// - Throws: ``WireError`` for the first fault; the scan is over then.
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
      // To the specification such a field is an unknown one; protobuf-c reads some of them as if they were right.
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

  /// Counts a field of the innermost message: a document, or one that has come before.
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

  /// A payload of so many bytes follows.
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

  /// - Returns: nil where the bytes end inside it.
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

/// A number in as many bytes as it needs, seven bits in each, the lowest first.
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

/// protobuf's ways to write a field's value. Groups are not among them: proto3 has none.
private enum WireType {
  static let varint: UInt64 = 0
  static let fixed64: UInt64 = 1
  static let lengthDelimited: UInt64 = 2
  static let fixed32: UInt64 = 5

  static func isKnown(_ type: UInt64) -> Bool { [varint, fixed64, lengthDelimited, fixed32].contains(type) }
}

extension WireSchema.Field {
  /// The wire type that the field is sent with.
  fileprivate var wireType: UInt64 {
    switch self {
    case .number: WireType.varint
    case .string, .name, .message, .documents: WireType.lengthDelimited
    }
  }
}
