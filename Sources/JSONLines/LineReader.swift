import SystemPackage

/// The lines of a file or of standard input, read as they are needed.
package struct LineReader {
  /// What errors call the input.
  package let name: String
  /// The size of a regular file, in bytes; nil where it cannot be known.
  package let totalBytes: Int?
  package private(set) var bytesRead = 0
  private let file: OpenFile
  private var buffer: [UInt8] = []
  private var position = 0
  private var isAtEnd = false

  private static let chunkBytes = 1 << 18
  /// A longer line is no document.
  private static let maxLineBytes = 64 << 20

  /// - Parameter path: `-` is standard input.
  package init(path: String) throws {
    if path == "-" {
      name = "standard input"
      file = OpenFile(.standardInput, closes: false)
      totalBytes = nil
      return
    }
    name = path
    do {
      file = OpenFile(try FileDescriptor.open(FilePath(path), .readOnly), closes: true)
    } catch {
      throw InputError("\(path): cannot be read: \(error)")
    }
    // A pipe has no end to seek to.
    totalBytes = (try? file.descriptor.seek(offset: 0, from: .end)).map(Int.init)
    if totalBytes != nil { _ = try file.descriptor.seek(offset: 0, from: .start) }
  }

  /// The next line without its line feed (and the carriage return before it); nil at the end.
  package mutating func next() throws -> ArraySlice<UInt8>? {
    var searched = position
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { position = end + 1 }
        let line = buffer[position..<end]
        return line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      }
      if isAtEnd {
        guard position < buffer.count else { return nil }
        defer { position = buffer.count }
        return buffer[position...]
      }
      guard buffer.count - position <= Self.maxLineBytes else {
        throw InputError("\(name): a line is longer than \(Self.maxLineBytes) bytes")
      }
      buffer.removeSubrange(..<position)
      searched = buffer.count
      position = 0
      try fill()
    }
  }

  private mutating func fill() throws {
    do {
      let chunk = try [UInt8](unsafeUninitializedCapacity: Self.chunkBytes) { storage, count in
        count = try file.descriptor.read(into: UnsafeMutableRawBufferPointer(storage))
      }
      isAtEnd = chunk.isEmpty
      bytesRead += chunk.count
      buffer += chunk
    } catch let error as Errno {
      throw InputError("\(name): cannot be read: \(error)")
    }
  }
}

/// A file that is closed with the last reader of it.
private final class OpenFile: Sendable {
  let descriptor: FileDescriptor
  private let closes: Bool

  init(_ descriptor: FileDescriptor, closes: Bool) {
    self.descriptor = descriptor
    self.closes = closes
  }

  deinit {
    if closes { try? descriptor.close() }
  }
}
