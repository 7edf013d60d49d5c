/// Reads the lines of an input, as they are needed.
struct LineReader {
  private var buffer: InputBuffer
  /// The number of lines read.
  private(set) var count: Int
  /// The number of unread bytes known to contain no line end.
  private var searched = 0

  /// A longer line is not a document.
  private static let maxLineBytes = 64 << 20

  /// - Parameters:
  ///   - path: `-` is standard input.
  ///   - offset: the offset of the first line to read.
  ///   - line: the number of the line before it, from 1.
  init(path: String, from offset: Int = 0, line: Int = 0) throws {
    buffer = try InputBuffer(path: path, from: offset)
    count = line
  }

  var bytes: InputBytes { buffer.bytes }
  /// The number of decompressed bytes before the next line.
  var offset: Int { buffer.offset }

  /// The next line without its line feed (and the carriage return before it).
  /// - Parameter deadline: the time to stop waiting for a writer; nil means never.
  mutating func next(until deadline: ContinuousClock.Instant? = nil) throws -> Arrival<ArraySlice<UInt8>> {
    while true {
      if let length = buffer.lengthOfLine(passing: searched) {
        let line = take(length, passing: length + 1)
        return .here(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
      }
      searched = buffer.unread.count
      if buffer.isAtEnd {
        return searched == 0 ? .end : .here(take(searched, passing: searched))
      }
      guard searched <= Self.maxLineBytes else {
        throw InputError("\(bytes.name): line \(count + 1): is longer than \(Self.maxLineBytes >> 20) MiB")
      }
      guard try buffer.fill(until: deadline) else { return .notYet }
    }
  }

  private mutating func take(_ length: Int, passing all: Int) -> ArraySlice<UInt8> {
    let line = buffer.unread.prefix(length)
    buffer.pass(all)
    searched = 0
    count += 1
    return line
  }
}
