import Glibc
import SystemPackage

/// Where results go: standard output, or a file that appears whole when it is complete.
final class OutputFile {
  private let descriptor: FileDescriptor
  /// nil where the bytes go straight to their place: standard output, a pipe, a device.
  private let temporaryPath: String?
  private let path: String
  /// Whether what is not complete is kept, for a later process to go on with.
  private let isResumable: Bool
  private var buffer: [UInt8] = []
  /// Bytes that were written, and those of earlier processes.
  private(set) var count: Int

  private static let bufferBytes = 1 << 18

  /// - Parameter path: `-` is standard output.
  init(path: String) throws {
    (isResumable, count) = (false, 0)
    if path == "-" {
      self.path = path
      descriptor = .standardOutput
      temporaryPath = nil
      return
    }
    // A link stays, and what it leads to is replaced.
    let path = Self.resolvingLinks(path)
    self.path = path
    do {
      if Self.isSpecialFile(path) {
        descriptor = try FileDescriptor.open(FilePath(path), .writeOnly)
        temporaryPath = nil
      } else {
        let temporary = "\(path).\(getpid()).partial"
        descriptor = try FileDescriptor.open(
          FilePath(temporary), .writeOnly, options: [.create, .truncate],
          permissions: [.ownerReadWrite, .groupRead, .otherRead])
        temporaryPath = temporary
      }
    } catch let error as Errno {
      throw Failure("\(path): cannot be written: \(error)")
    }
  }

  /// A file that appears whole when it is complete, by whatever number of processes.
  /// - Parameter count: bytes of earlier ones, which stay; what they wrote behind them goes.
  /// - Throws: ``Failure``, also where another process writes it, or there are not so many bytes.
  init(path: String, keeping count: Int) throws {
    let path = Self.resolvingLinks(path)
    let partial = Self.partialPath(of: path)
    (isResumable, self.count, self.path, temporaryPath) = (true, count, path, partial)
    do {
      descriptor = try FileDescriptor.open(
        FilePath(partial), .readWrite, options: [.create],
        permissions: [.ownerReadWrite, .groupRead, .otherRead])
    } catch let error as Errno {
      throw Failure("\(partial): cannot be written: \(error)")
    }
    guard flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 else {
      throw Failure("\(partial): another process writes it")
    }
    try wrapping {
      guard try descriptor.seek(offset: 0, from: .end) >= Int64(count) else {
        throw Failure("\(partial): has fewer than the \(count) bytes that were written: remove \(path).* to begin anew")
      }
      guard ftruncate(descriptor.rawValue, count) == 0 else { throw Errno(rawValue: errno) }
      _ = try descriptor.seek(offset: 0, from: .end)
    }
  }

  /// Where a resumable file is until it is complete.
  static func partialPath(of path: String) -> String { resolvingLinks(path) + ".partial" }

  /// Removes what was written, unless ``finish()`` was reached or another process may go on.
  deinit {
    if let temporaryPath, !isFinished, !isResumable { unlink(temporaryPath) }
  }

  private var isFinished = false

  func write(_ bytes: some Sequence<UInt8>) throws {
    let before = buffer.count
    buffer.append(contentsOf: bytes)
    count += buffer.count - before
    if buffer.count >= Self.bufferBytes { try flush() }
  }

  /// Overwrites bytes that were written before; for a regular file.
  func overwrite(_ bytes: [UInt8], at offset: Int64) throws {
    try flush()
    try wrapping { _ = try descriptor.writeAll(toAbsoluteOffset: offset, bytes) }
  }

  /// Hands on all that was written.
  func flush() throws {
    try wrapping { _ = try descriptor.writeAll(buffer) }
    buffer.removeAll(keepingCapacity: true)
  }

  /// Puts all that was written on the disk.
  func sync() throws {
    try flush()
    try wrapping { guard fdatasync(descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) } }
  }

  /// Completes the file and puts it in its place.
  func finish() throws {
    try flush()
    if let temporaryPath {
      try wrapping {
        try descriptor.close()
        guard rename(temporaryPath, path) == 0 else { throw Errno(rawValue: errno) }
      }
    }
    isFinished = true
  }

  private func wrapping(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch let error as Errno where error == .brokenPipe && temporaryPath == nil {
      throw ClosedPipe()
    } catch let error as Errno {
      throw Failure("\(path == "-" ? "standard output" : path): cannot be written: \(error)")
    }
  }

  private static func resolvingLinks(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private static func isSpecialFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
  }
}
