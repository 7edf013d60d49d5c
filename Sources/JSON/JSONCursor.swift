/// A position in a document that is being read.
struct JSONCursor {
  let policy: JSONReader.Policy
  var position = 0
  /// Whether the cursor builds values of what it reads; otherwise it only checks.
  private(set) var isKept = true
  private let names: [String]?
  private var depth = 0

  /// - Parameter names: the members of the outermost object to keep; nil means all.
  init(policy: JSONReader.Policy, names: [String]?) {
    self.policy = policy
    self.names = names
  }

  mutating func document(_ bytes: Span<UInt8>) throws(JSONError) -> JSONValue {
    let value = try value(bytes)
    skipSpace(bytes)
    guard position == bytes.count else { throw error("text behind the end of the value") }
    return value
  }

  func error(_ what: String, at offset: Int? = nil) -> JSONError {
    JSONError(offset: offset ?? position, reason: .syntax(what))
  }

  private mutating func value(_ bytes: Span<UInt8>) throws(JSONError) -> JSONValue {
    skipSpace(bytes)
    guard position < bytes.count else { throw error("it ends early") }
    switch bytes[position] {
    case UInt8(ascii: "{"): return try nested(bytes) { (cursor) throws(JSONError) in try cursor.object(bytes) }
    case UInt8(ascii: "["): return try nested(bytes) { (cursor) throws(JSONError) in try cursor.array(bytes) }
    case UInt8(ascii: "\""): return .string(try string(bytes))
    case UInt8(ascii: "t"): return try word("true", .bool(true), bytes)
    case UInt8(ascii: "f"): return try word("false", .bool(false), bytes)
    case UInt8(ascii: "n"): return try word("null", .null, bytes)
    case UInt8(ascii: "N"): return try nonFinite("NaN", bytes)
    case UInt8(ascii: "I"): return try nonFinite("Infinity", bytes)
    default: return try number(bytes)
    }
  }

  private mutating func nested(
    _ bytes: Span<UInt8>, _ body: (inout JSONCursor) throws(JSONError) -> JSONValue
  ) throws(JSONError) -> JSONValue {
    guard depth < policy.maxDepth else {
      throw JSONError(offset: position, reason: .tooDeep(limit: policy.maxDepth))
    }
    depth += 1
    defer { depth -= 1 }
    position += 1
    return try body(&self)
  }

  private mutating func object(_ bytes: Span<UInt8>) throws(JSONError) -> JSONValue {
    var members: [JSONObject.Member] = []
    if take("}", bytes) { return .object(JSONObject(members)) }
    repeat {
      skipSpace(bytes)
      guard position < bytes.count else { throw error("it ends early") }
      guard bytes[position] == UInt8(ascii: "\"") else { throw error("a member's name in quotes was expected") }
      let name = try string(bytes)
      guard take(":", bytes) else { throw unexpected("':'", bytes) }
      let isObjectKept = isKept
      if depth == 1, let names { isKept = names.contains { name.isSame(as: $0) } }
      let value = try value(bytes)
      if isKept { members.append(JSONObject.Member(name: name, value: value)) }
      isKept = isObjectKept
    } while take(",", bytes)
    guard take("}", bytes) else { throw unexpected("',' or '}'", bytes) }
    return .object(JSONObject(members))
  }

  private mutating func array(_ bytes: Span<UInt8>) throws(JSONError) -> JSONValue {
    var values: [JSONValue] = []
    if take("]", bytes) { return .array(values) }
    repeat {
      let value = try value(bytes)
      if isKept { values.append(value) }
    } while take(",", bytes)
    guard take("]", bytes) else { throw unexpected("',' or ']'", bytes) }
    return .array(values)
  }

  private mutating func word(_ word: StaticString, _ value: JSONValue, _ bytes: Span<UInt8>) throws(JSONError)
    -> JSONValue
  {
    guard takeWord(word, bytes) else { throw error("a value was expected") }
    return value
  }

  private mutating func nonFinite(_ word: StaticString, _ bytes: Span<UInt8>) throws(JSONError) -> JSONValue {
    guard policy.takesNonFiniteNumbers, takeWord(word, bytes) else { throw error("a value was expected") }
    return .number(JSONNumber(text: word.description))
  }

  private mutating func number(_ bytes: Span<UInt8>) throws(JSONError) -> JSONValue {
    let start = position
    let isNegative = takeHere("-", bytes)
    if isNegative, position < bytes.count, bytes[position] == UInt8(ascii: "I"), policy.takesNonFiniteNumbers {
      guard takeWord("Infinity", bytes) else { throw error("a value was expected", at: start) }
      return .number(JSONNumber(text: "-Infinity"))
    }
    let leadingZero = takeHere("0", bytes)
    let whole = takeDigits(bytes)
    guard leadingZero || whole > 0 else { throw error("a value was expected", at: start) }
    guard !leadingZero || whole == 0 else { throw error("a number with a zero in front", at: start) }
    if takeHere(".", bytes), takeDigits(bytes) == 0 { throw error("a digit was expected") }
    if takeHere("e", bytes) || takeHere("E", bytes) {
      if !takeHere("+", bytes) { _ = takeHere("-", bytes) }
      if takeDigits(bytes) == 0 { throw error("a digit was expected") }
    }
    return isKept ? .number(JSONNumber(text: Self.text(bytes.extracting(start..<position)))) : .null
  }

  private mutating func takeDigits(_ bytes: Span<UInt8>) -> Int {
    let start = position
    while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) { position += 1 }
    return position - start
  }

  /// The text of ASCII bytes.
  private static func text(_ bytes: Span<UInt8>) -> String {
    bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
  }
}

extension JSONCursor {
  mutating func skipSpace(_ bytes: Span<UInt8>) {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }

  /// Skips space, and consumes the given character if it comes next.
  mutating func take(_ character: Unicode.Scalar, _ bytes: Span<UInt8>) -> Bool {
    skipSpace(bytes)
    return takeHere(character, bytes)
  }

  /// Consumes the given character if it comes next.
  mutating func takeHere(_ character: Unicode.Scalar, _ bytes: Span<UInt8>) -> Bool {
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func takeWord(_ word: StaticString, _ bytes: Span<UInt8>) -> Bool {
    let count = word.utf8CodeUnitCount
    guard bytes.count - position >= count else { return false }
    for (offset, byte) in word.description.utf8.enumerated() where bytes[position + offset] != byte { return false }
    position += count
    return true
  }

  private func unexpected(_ expected: String, _ bytes: Span<UInt8>) -> JSONError {
    error(position < bytes.count ? "\(expected) was expected" : "it ends early")
  }
}
