/// Records of comma-separated values as RFC 4180 has them: fields that begin with a quote go on to the next one, over
/// commas and line ends, and two quotes in them are one.
struct CSVReader {
  enum Record: Equatable {
    case fields([[UInt8]])
    /// Up to the line's end, where it is no record.
    case bad(reason: String)
  }

  let bytes: InputBytes
  /// Bytes before the next record, decompressed.
  private(set) var offset: Int
  /// Of the last record's first line, from 1.
  private(set) var lineNumber: Int
  /// Line ends that were passed.
  private var lineEnds: Int
  private var buffer: [UInt8] = []
  private var position = 0

  /// A longer record is no document, but a quote that is not closed.
  private static let maxRecordBytes = 64 << 20

  /// - Parameters:
  ///   - path: `-` is standard input.
  ///   - offset: of the record to begin with.
  ///   - line: of the last line that was read, from 1.
  init(path: String, from offset: Int = 0, line: Int = 0) throws {
    bytes = try InputBytes(path: path)
    self.offset = offset
    lineNumber = line
    lineEnds = line
    if offset > 0 { buffer = try bytes.skip(to: offset) }
  }

  private enum State {
    case fieldBegin, plain, quoted, quoteInQuoted, bad
  }

  /// The next record; nil at the end. Empty lines are passed over.
  mutating func next() throws -> Record? {
    let begin = offset
    var state = State.fieldBegin
    var fields: [[UInt8]] = []
    var field: [UInt8] = []
    var reason = ""
    lineNumber = lineEnds + 1
    while let byte = try nextByte() {
      guard offset - begin <= Self.maxRecordBytes else {
        throw InputError("\(bytes.name): line \(lineNumber): a record is longer than \(Self.maxRecordBytes) bytes")
      }
      if byte == Self.lineFeed {
        lineEnds += 1
        if state != .quoted {
          if state != .quoteInQuoted, field.last == Self.carriageReturn { field.removeLast() }
          guard !(fields.isEmpty && field.isEmpty && state != .quoteInQuoted && state != .bad) else {
            (state, lineNumber) = (.fieldBegin, lineEnds + 1)
            continue
          }
          return state == .bad ? .bad(reason: reason) : .fields(fields + [field])
        }
      }
      switch (state, byte) {
      case (.bad, _): break
      case (.fieldBegin, Self.quote): state = .quoted
      case (.fieldBegin, Self.comma), (.plain, Self.comma), (.quoteInQuoted, Self.comma):
        fields.append(field)
        (field, state) = ([], .fieldBegin)
      case (.plain, Self.quote):
        (state, reason) = (.bad, "a quote inside of a field that does not begin with one")
      case (.fieldBegin, _), (.plain, _):
        field.append(byte)
        state = .plain
      case (.quoted, Self.quote): state = .quoteInQuoted
      case (.quoted, _): field.append(byte)
      case (.quoteInQuoted, Self.quote):
        field.append(byte)
        state = .quoted
      case (.quoteInQuoted, Self.carriageReturn): break
      case (.quoteInQuoted, _): (state, reason) = (.bad, "text behind a closing quote")
      }
    }
    switch state {
    case .bad: return .bad(reason: reason)
    // All that follows is in it: to pass over that is no way to go on.
    case .quoted: throw InputError("\(bytes.name): line \(lineNumber): a quote is not closed up to the file's end")
    case .fieldBegin where fields.isEmpty: return nil
    default:
      if state == .plain, field.last == Self.carriageReturn { field.removeLast() }
      return .fields(fields + [field])
    }
  }

  private mutating func nextByte() throws -> UInt8? {
    if position == buffer.count {
      buffer = try bytes.next()
      position = 0
      guard !buffer.isEmpty else { return nil }
    }
    defer {
      position += 1
      offset += 1
    }
    return buffer[position]
  }

  private static let quote = UInt8(ascii: "\"")
  private static let comma = UInt8(ascii: ",")
  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")
}
