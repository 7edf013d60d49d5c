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
struct WireScan {
  /// Fields that the contract does not know, or that come again though they are not repeated, in the whole message.
  static let maxSurplusFields = 64

  private let maxDocuments: Int
  private var surplusFields = 0
  private var path: [PathStep] = []

  private struct PathStep {
    let name: String
    var index: Int?
  }

  /// Checks a message against its schema.
  /// - Throws: ``WireError`` for the first fault.
  static func check(_ bytes: Span<UInt8>, against schema: WireSchema, maxDocuments: Int) throws(WireError) {
    var scan = WireScan(maxDocuments: maxDocuments)
    try scan.message(bytes, 0..<bytes.count, schema)
  }

  private init(maxDocuments: Int) {
    self.maxDocuments = maxDocuments
  }

  private mutating func message(
    _ bytes: Span<UInt8>, _ range: Range<Int>, _ schema: WireSchema
  ) throws(WireError) {
    var position = range.lowerBound
    var seen: UInt64 = 0
    var documents = 0
    while position < range.upperBound {
      let start = position
      let tag = try varint(bytes, &position, range.upperBound)
      guard tag >> 3 >= 1, tag >> 3 < 1 << 29 else { throw malformed(at: start) }
      let payload = try payload(bytes, wireType: UInt8(tag & 7), &position, range.upperBound, tagAt: start)
      guard let (name, field) = schema.fields[UInt32(tag >> 3)] else {
        try countSurplus()
        continue
      }
      // To the specification such a field is an unknown one; protobuf-c reads some of them as if they were right.
      guard field.wireType == tag & 7 else {
        throw WireError(field: pathText(name), description: "has wire type \(tag & 7), not \(field.wireType)")
      }
      if case .documents(let document) = field {
        documents += 1
        guard documents <= maxDocuments else {
          throw WireError(
            field: pathText(name), description: "\(documents) or more given; the limit is \(maxDocuments)")
        }
        try nested(PathStep(name: name, index: documents - 1), bytes, payload, document)
        continue
      }
      let bit = UInt64(1) << (tag >> 3)
      if seen & bit != 0 { try countSurplus() }
      seen |= bit
      switch field {
      case .number, .documents: break
      case .string: try string(bytes.extracting(payload), name)
      case .message(let inner): try nested(PathStep(name: name), bytes, payload, inner)
      }
    }
  }

  private mutating func nested(
    _ step: PathStep, _ bytes: Span<UInt8>, _ range: Range<Int>, _ schema: WireSchema
  ) throws(WireError) {
    path.append(step)
    try message(bytes, range, schema)
    path.removeLast()
  }

  private mutating func countSurplus() throws(WireError) {
    surplusFields += 1
    guard surplusFields <= Self.maxSurplusFields else {
      throw WireError(
        field: "", description: "more than \(Self.maxSurplusFields) fields that are unknown or given more than once")
    }
  }

  /// The bytes of a field's value; moves past them.
  private func payload(
    _ bytes: Span<UInt8>, wireType: UInt8, _ position: inout Int, _ end: Int, tagAt start: Int
  ) throws(WireError) -> Range<Int> {
    let length: UInt64
    switch wireType {
    case 0:
      let from = position
      _ = try varint(bytes, &position, end)
      return from..<position
    case 1: length = 8
    case 2: length = try varint(bytes, &position, end)
    case 5: length = 4
    default: throw malformed(at: start)
    }
    guard length <= UInt64(end - position) else { throw malformed(at: start) }
    defer { position += Int(length) }
    return position..<position + Int(length)
  }

  private func varint(_ bytes: Span<UInt8>, _ position: inout Int, _ end: Int) throws(WireError) -> UInt64 {
    let start = position
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while position < end, shift < 70 {
      let byte = bytes[position]
      position += 1
      value |= shift < 64 ? UInt64(byte & 0x7f) << shift : 0
      if byte < 0x80 { return value }
      shift += 7
    }
    throw malformed(at: start)
  }

  private func string(_ text: Span<UInt8>, _ name: String) throws(WireError) {
    do {
      _ = try UTF8Span(validating: text)
    } catch {
      let place = error.byteOffsets.lowerBound
      throw WireError(field: pathText(name), description: "not valid UTF-8 at byte \(place)")
    }
    for index in 0..<text.count where text[index] == 0 {
      throw WireError(field: pathText(name), description: "holds a NUL at byte \(index)")
    }
  }

  private func malformed(at position: Int) -> WireError {
    WireError(field: pathText(nil), description: "malformed protobuf at byte \(position)")
  }

  private func pathText(_ last: String?) -> String {
    let steps = path.map { step in step.index.map { "\(step.name)[\($0)]" } ?? step.name }
    return (steps + [last].compactMap(\.self)).joined(separator: ".")
  }
}

extension WireSchema.Field {
  /// The protobuf wire type that the field is sent with.
  fileprivate var wireType: UInt64 {
    switch self {
    case .number: 0
    case .string, .message, .documents: 2
    }
  }
}
