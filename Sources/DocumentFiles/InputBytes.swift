import Glibc
import SystemPackage

/// Reads the bytes of a file or of standard input, chunk by chunk, and decompresses gzip.
final class InputBytes {
  /// The input's name in errors.
  let name: String
  /// Whether the input can be read again and from any position: false for a pipe, terminal or device.
  let isRegularFile: Bool
  /// The stored size of a file in bytes; nil if unknown.
  let totalBytes: Int?
  /// The number of bytes read of the input as it is stored.
  private(set) var bytesRead = 0
  private let descriptor: FileDescriptor
  private let closes: Bool

  private enum Form {
    /// The first bytes, too few to tell.
    case unknown([UInt8])
    case plain
    case compressed
  }

  private var form = Form.unknown([])
  private let inflater = Inflater()

  private static let chunkBytes = 1 << 18

  /// - Parameter path: `-` is standard input.
  init(path: String) throws {
    if path == "-" {
      (name, descriptor, closes, totalBytes) = ("standard input", .standardInput, false, nil)
    } else {
      do {
        descriptor = try FileDescriptor.open(FilePath(path), .readOnly)
      } catch {
        throw InputError("\(path): cannot be read: \(error)")
      }
      (name, closes) = (path, true)
      // A pipe has no end to seek to.
      totalBytes = (try? descriptor.seek(offset: 0, from: .end)).map(Int.init)
      if totalBytes != nil { _ = try descriptor.seek(offset: 0, from: .start) }
    }
    var status = stat()
    isRegularFile = fstat(descriptor.rawValue, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  deinit {
    if closes { try? descriptor.close() }
  }

  /// Whether a regular file is compressed with gzip.
  static func isCompressed(path: String) throws -> Bool {
    try InputBytes(path: path).read(until: nil)?.starts(with: Inflater.magic) == true
  }

  /// The next bytes, however long they take; empty at the end.
  func next() throws -> [UInt8] {
    try next(until: nil) ?? []
  }

  /// The next bytes; empty at the end.
  /// - Parameter deadline: the time to stop waiting for a writer; nil means never.
  /// - Returns: nil if no bytes arrived before the deadline.
  func next(until deadline: ContinuousClock.Instant?) throws -> [UInt8]? {
    while case .unknown(var first) = form {
      guard let chunk = try read(until: deadline) else { return nil }
      first += chunk
      form = .unknown(first)
      guard first.count >= Inflater.magic.count || chunk.isEmpty else { continue }
      guard first.starts(with: Inflater.magic) else {
        form = .plain
        return first
      }
      form = .compressed
      inflater.append(first)
    }
    guard case .compressed = form else { return try read(until: deadline) }
    return try nextInflated(until: deadline)
  }

  /// Skips what was read before, up to the end of a line; the offset counts the bytes that ``next()`` returns.
  /// - Returns: bytes after the offset, if some were read.
  /// - Throws: ``InputError`` if neither a line nor the input ends there.
  func skip(to offset: Int) throws -> [UInt8] {
    var passed = 0
    var chunk = try next()
    if case .plain = form, isRegularFile {
      passed = offset - 1
      _ = try? descriptor.seek(offset: Int64(passed), from: .start)
      bytesRead = passed
      chunk = try next()
    }
    while !chunk.isEmpty, passed + chunk.count < offset {
      passed += chunk.count
      chunk = try next()
    }
    if passed < offset, passed + chunk.count >= offset {
      let rest = Array(chunk[(offset - passed)...])
      // The last line may lack its line end.
      if chunk[offset - passed - 1] == UInt8(ascii: "\n") { return rest }
      if rest.isEmpty, try next().isEmpty { return rest }
    }
    throw InputError("\(name): no line ends at byte \(offset), where one did before: the file is another")
  }

  private func nextInflated(until deadline: ContinuousClock.Instant?) throws -> [UInt8]? {
    do {
      while true {
        let chunk = try inflater.next(upTo: Self.chunkBytes)
        if !chunk.isEmpty { return chunk }
        guard let compressed = try read(until: deadline) else { return nil }
        guard !compressed.isEmpty else {
          guard inflater.isBetweenMembers else { throw InputError("\(name): the compressed file ends too early") }
          return []
        }
        inflater.append(compressed)
      }
    } catch let error as Inflater.Failure {
      throw InputError("\(name): the compressed file is damaged, at byte \(bytesRead) or before: \(error.reason)")
    }
  }

  /// The next bytes as they are stored.
  private func read(until deadline: ContinuousClock.Instant?) throws -> [UInt8]? {
    while true {
      if let deadline, try !isReadable(until: deadline) { return nil }
      do {
        let chunk = try [UInt8](unsafeUninitializedCapacity: Self.chunkBytes) { storage, count in
          count = try descriptor.read(into: UnsafeMutableRawBufferPointer(storage))
        }
        bytesRead += chunk.count
        return chunk
      } catch Errno.wouldBlock {
        // The creator of the pipe may have made it non-blocking.
        if deadline == nil { _ = try isReadable(until: nil) }
      } catch {
        throw InputError("\(name): cannot be read: \(error)")
      }
    }
  }

  /// Waits until bytes, or their end, can be read.
  private func isReadable(until deadline: ContinuousClock.Instant?) throws -> Bool {
    if isRegularFile { return true }
    while true {
      let left = deadline.map { max(0, ($0 - .now) / .milliseconds(1)).rounded(.up) } ?? -1
      var polled = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
      let count = poll(&polled, 1, Int32(left))
      if count >= 0 { return count > 0 }
      guard errno == EINTR else { throw InputError("\(name): cannot be read: \(Errno(rawValue: errno))") }
    }
  }
}
