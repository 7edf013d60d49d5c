import Glibc
import SystemPackage

/// Where results go: standard output, or a file that appears whole when it is complete.
final class OutputFile {
  private let descriptor: FileDescriptor
  /// nil where the bytes go straight to their place: standard output, a pipe, a device.
  private let temporaryPath: String?
  private let path: String
  private var buffer: [UInt8] = []

  private static let bufferBytes = 1 << 18

  /// - Parameter path: `-` is standard output.
  init(path: String) throws {
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

  /// Removes what was written, unless ``finish()`` was reached.
  deinit {
    if let temporaryPath, !isFinished { unlink(temporaryPath) }
  }

  private var isFinished = false

  func write(_ bytes: some Sequence<UInt8>) throws {
    buffer.append(contentsOf: bytes)
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
