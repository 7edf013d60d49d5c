import Glibc

/// The text of an input, in UTF-8: what has been read of it and not yet been passed, and where that stands.
struct InputBuffer {
  let bytes: InputBytes
  /// Bytes before the unread ones, decompressed.
  private(set) var offset: Int
  /// Whether nothing follows the unread bytes.
  private(set) var isAtEnd = false
  private var storage: [UInt8] = []
  private var begin = 0
  private var isMarkPassed: Bool

  /// What some programs put before UTF-8.
  private static let mark: [UInt8] = [0xef, 0xbb, 0xbf]
  private static let utf16Marks: [[UInt8]] = [[0xff, 0xfe], [0xfe, 0xff]]

  /// - Parameters:
  ///   - path: `-` is standard input.
  ///   - offset: behind a line, where to begin.
  init(path: String, from offset: Int = 0) throws {
    bytes = try InputBytes(path: path)
    self.offset = offset
    isMarkPassed = offset > 0
    if offset > 0 { storage = try bytes.skip(to: offset) }
  }

  var unread: ArraySlice<UInt8> { storage[begin...] }

  /// Reads on, behind the unread bytes; a byte order mark before the first is passed.
  /// - Returns: false where nothing came until the deadline.
  /// - Throws: ``InputError``, also of UTF-16.
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
  /// - Parameter maxBytes: in which it is looked for.
  /// - Returns: false where it did not come until the deadline.
  /// - Throws: ``InputError`` where NUL is in it, as in all of UTF-16.
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

  /// Of the unread bytes, those before the first line feed that is not among so many; nil where there is none.
  func lengthOfLine(passing searched: Int) -> Int? {
    storage.withUnsafeBytes { storage in
      guard let start = storage.baseAddress.map({ $0 + begin }) else { return nil }
      let end = memchr(start + searched, CInt(UInt8(ascii: "\n")), storage.count - begin - searched)
      return end.map { start.distance(to: $0) }
    }
  }

  /// Whether a byte has nothing to read: a blank, or a part of a line's end.
  static func isBlank(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): true
    default: false
    }
  }

  /// Takes bytes off the unread ones.
  mutating func pass(_ count: Int) {
    begin += count
    offset += count
  }
}
