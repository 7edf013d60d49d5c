import Glibc
import SystemPackage

/// The bytes of a file or of standard input, chunk by chunk; what gzip has compressed comes as it was.
final class InputBytes {
  /// What errors call the input.
  let name: String
  /// Whether it can be read from any place, and again: no pipe, terminal or device.
  let isRegularFile: Bool
  /// The size of a file as it is stored, in bytes; nil where it cannot be known.
  let totalBytes: Int?
  /// Of the input as it is stored.
  private(set) var bytesRead = 0
  private let descriptor: FileDescriptor
  private let closes: Bool

  private enum Form {
    /// With the first bytes, too few to tell.
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

  /// Whether a regular file is what gzip makes.
  static func isCompressed(path: String) throws -> Bool {
    try InputBytes(path: path).read(until: nil)?.starts(with: Inflater.magic) == true
  }

  /// The next bytes, however long they take; empty at the end.
  func next() throws -> [UInt8] {
    try next(until: nil) ?? []
  }

  /// The next bytes; empty at the end.
  /// - Parameter deadline: when to stop waiting for a writer; never where it is nil.
  /// - Returns: nil where none came until then.
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

  /// Passes over what was read before, up to the end of a line, counted as ``next()`` gives bytes.
  /// - Returns: bytes behind it, if some were read.
  /// - Throws: ``InputError`` where no line ends there, nor the input.
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
        // Whoever made the pipe made it so that reading it does not wait.
        if deadline == nil { _ = try isReadable(until: nil) }
      } catch {
        throw InputError("\(name): cannot be read: \(error)")
      }
    }
  }

  /// Waits until bytes, or the end of them, can be read.
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
