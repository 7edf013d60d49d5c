import Glibc

/// Buffers the UTF-8 text of an input: the bytes that were read and not yet consumed, and their offset.
struct InputBuffer {
  let bytes: InputBytes
  /// The number of decompressed bytes before the unread ones.
  private(set) var offset: Int
  /// Whether nothing follows the unread bytes.
  private(set) var isAtEnd = false
  private var storage: [UInt8] = []
  private var begin = 0
  private var isMarkPassed: Bool

  /// The byte order mark, which some programs put before UTF-8.
  private static let mark: [UInt8] = [0xef, 0xbb, 0xbf]
  private static let utf16Marks: [[UInt8]] = [[0xff, 0xfe], [0xfe, 0xff]]

  /// - Parameters:
  ///   - path: `-` is standard input.
  ///   - offset: where to begin, after a line end.
  init(path: String, from offset: Int = 0) throws {
    bytes = try InputBytes(path: path)
    self.offset = offset
    isMarkPassed = offset > 0
    if offset > 0 { storage = try bytes.skip(to: offset) }
  }

  var unread: ArraySlice<UInt8> { storage[begin...] }

  /// Reads more bytes after the unread ones; skips a byte order mark at the beginning.
  /// - Returns: false if nothing arrived before the deadline.
  /// - Throws: ``InputError``, including for UTF-16.
  mutating func fill(until deadline: ContinuousClock.Instant?) throws -> Bool {
    storage.removeSubrange(..<begin)
    begin = 0
    repeat {
      guard let chunk = try bytes.next(until: deadline) else { return false }
      isAtEnd = chunk.isEmpty
      if storage.isEmpty { storage = chunk } else { storage += chunk }
    } while !isMarkPassed && !isAtEnd && storage.count < Self.mark.count
    if !isMarkPassed {
      isMarkPassed = true
      if Self.utf16Marks.contains(where: storage.starts) { throw InputError.utf16(bytes.name) }
      if storage.starts(with: Self.mark) { pass(Self.mark.count) }
    }
    return true
  }

  /// Reads up to the end of the first line that is not blank.
  /// - Parameter maxBytes: the bytes in which to look for it.
  /// - Returns: false if it did not arrive before the deadline.
  /// - Throws: ``InputError`` if the line contains NUL, as all UTF-16 does.
  mutating func checkFirstLine(in maxBytes: Int, until deadline: ContinuousClock.Instant?) throws -> Bool {
    while true {
      let isWhole = isAtEnd || unread.count > maxBytes
      let line = unread.drop(while: Self.isBlank)
      let end = line.firstIndex(of: UInt8(ascii: "\n"))
      if end != nil || isWhole {
        if line[..<(end ?? line.endIndex)].contains(0) { throw InputError.utf16(bytes.name) }
        return true
      }
      guard try fill(until: deadline) else { return false }
    }
  }

  /// The number of unread bytes before the first line feed after the first `searched` bytes; nil if there is none.
  func lengthOfLine(passing searched: Int) -> Int? {
    storage.withUnsafeBytes { storage in
      guard let start = storage.baseAddress.map({ $0 + begin }) else { return nil }
      let end = memchr(start + searched, CInt(UInt8(ascii: "\n")), storage.count - begin - searched)
      return end.map { start.distance(to: $0) }
    }
  }

  /// Whether a byte has no content: a blank, or a part of a line end.
  static func isBlank(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): true
    default: false
    }
  }

  /// Removes the first `count` unread bytes.
  mutating func pass(_ count: Int) {
    begin += count
    offset += count
  }
}
