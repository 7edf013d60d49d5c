import JSON

/// Reads documents of JSON lines: objects with the members of ``DocumentParts``; other members are ignored.
struct JSONDocuments: DocumentSource {
  private var lines: LineReader
  /// Whether all lines so far were blank.
  private var isFirst: Bool
  private let reader = JSONReader(.lenient)

  private static let names = DocumentParts.idNames + DocumentParts.contentNames

  init(path: String, from position: DocumentFile.Position) throws {
    lines = try LineReader(path: path, from: position.offset, line: position.line)
    isFirst = position.offset == 0
  }

  var bytes: InputBytes { lines.bytes }
  var offset: Int { lines.offset }
  var linesRead: Int { lines.count }
  var lineNumber: Int { lines.count }
  var dialect: CSVDialect? { nil }

  mutating func next(until deadline: ContinuousClock.Instant?) throws -> Arrival<Result<InputDocument, BadRecord>> {
    while true {
      switch try lines.next(until: deadline) {
      case .here(let line):
        guard let first = line.first(where: { !InputBuffer.isBlank($0) }) else { continue }
        let isFirst = isFirst
        self.isFirst = false
        if isFirst, line.contains(0) { throw InputError.utf16(bytes.name) }
        if isFirst, first == UInt8(ascii: "[") { return .here(.failure(.array)) }
        return .here(Result { () throws(BadRecord) in try document(line) })
      case .notYet: return .notYet
      case .end: return .end
      }
    }
  }

  private func document(_ line: ArraySlice<UInt8>) throws(BadRecord) -> InputDocument {
    let value: JSONValue
    do {
      value = try reader.read(line, members: Self.names)
    } catch {
      throw BadRecord(reason: error.description)
    }
    guard let object = value.object else {
      throw value.array == nil ? BadRecord(reason: "not a JSON object") : .array
    }
    var parts = DocumentParts()
    parts.title = try Self.part("title", of: object)
    parts.abstract = try Self.part("abstract", of: object)
    parts.text = try Self.part("text", of: object)
    let id = DocumentParts.idNames.lazy.compactMap { object[$0] }.first { !$0.isNull && $0.number?.isNaN != true }
    if id?.hasNonFiniteNumber == true { throw BadRecord(reason: "\"id\" holds a number that JSON has not") }
    return InputDocument(id: id ?? .null, content: try parts.content, line: lineNumber)
  }

  private static func part(_ name: String, of object: JSONObject) throws(BadRecord) -> DocumentParts.Part {
    switch object[name] {
    case nil: return .absent
    case .null: return .null
    case .number(let number) where number.isNaN: return .null
    case .string(let text): return .init(withoutNUL: text)
    default: throw BadRecord(reason: "\"\(name)\" must be a text")
    }
  }
}

extension BadRecord {
  fileprivate static let array = BadRecord(reason: "a JSON array; write one object a line")
}

extension JSONValue {
  /// Whether the value contains NaN or an infinity: these can be read, but not passed on.
  fileprivate var hasNonFiniteNumber: Bool {
    switch self {
    case .number(let number): !number.isFinite
    case .array(let values): values.contains(where: \.hasNonFiniteNumber)
    case .object(let object): object.members.contains(where: \.value.hasNonFiniteNumber)
    case .null, .bool, .string: false
    }
  }
}
