/// The lines of an input, read as they are needed.
struct LineReader {
  let bytes: InputBytes
  /// Bytes before the next line, decompressed.
  private(set) var offset: Int
  private var buffer: [UInt8] = []
  private var position = 0
  private var isAtEnd = false

  /// A longer line is no document.
  private static let maxLineBytes = 64 << 20

  /// - Parameters:
  ///   - path: `-` is standard input.
  ///   - offset: of the line to begin with.
  init(path: String, from offset: Int = 0) throws {
    bytes = try InputBytes(path: path)
    self.offset = offset
    if offset > 0 { buffer = try bytes.skip(to: offset) }
  }

  /// The next line without its line feed (and the carriage return before it); nil at the end.
  mutating func next() throws -> ArraySlice<UInt8>? {
    var searched = position
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        let line = buffer[position..<end]
        pass(to: end + 1)
        return line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      }
      if isAtEnd {
        guard position < buffer.count else { return nil }
        let line = buffer[position...]
        pass(to: buffer.count)
        return line
      }
      guard buffer.count - position <= Self.maxLineBytes else {
        throw InputError("\(bytes.name): a line is longer than \(Self.maxLineBytes) bytes")
      }
      buffer.removeSubrange(..<position)
      searched = buffer.count
      position = 0
      let chunk = try bytes.next()
      isAtEnd = chunk.isEmpty
      buffer += chunk
    }
  }

  private mutating func pass(to end: Int) {
    offset += end - position
    position = end
  }
}
