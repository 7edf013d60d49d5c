import Glibc
import SystemPackage

/// Where results go: standard output, or a file that appears whole when it is complete.
final class OutputFile {
  private let descriptor: FileDescriptor
  /// nil where the bytes go straight to their place: standard output, a pipe, a device.
  private let temporaryPath: String?
  private let path: String
  /// What a signal removes.
  private var unfinished: UnfinishedFiles.Entry?
  /// Whether what is not complete is kept, for a later process to go on with.
  private let isResumable: Bool
  private var buffer: [UInt8] = []
  /// Bytes that were written, and those of earlier processes.
  private(set) var count: Int

  private static let bufferBytes = 1 << 18

  /// - Parameter path: `-` is standard output.
  init(path: String) throws {
    (isResumable, count) = (false, 0)
    let path = try Self.target(of: path)
    self.path = path
    guard path != "-" else {
      descriptor = .standardOutput
      temporaryPath = nil
      return
    }
    guard !FileStatus.isSpecial(path) else {
      temporaryPath = nil
      descriptor = try Self.open(path, .writeOnly, as: path)
      return
    }
    Self.removeStaleFiles(of: path)
    let temporary = Self.temporaryPath(of: path, process: getpid())
    temporaryPath = temporary
    unfinished = UnfinishedFiles.add(temporary)
    do {
      descriptor = try Self.openAlone(temporary, as: path)
      try wrapping { guard ftruncate(descriptor.rawValue, 0) == 0 else { throw Errno(rawValue: errno) } }
    } catch {
      UnfinishedFiles.remove(unfinished)
      throw error
    }
  }

  /// A file that appears whole when it is complete, by whatever number of processes.
  /// - Parameter count: bytes of earlier ones, which stay; what they wrote behind them goes.
  /// - Throws: ``Failure``, also where another process writes it, or there are not so many bytes.
  init(path: String, keeping count: Int) throws {
    let path = try Self.target(of: path)
    let partial = Self.partialPath(of: path)
    (isResumable, self.count, self.path, temporaryPath) = (true, count, path, partial)
    Self.removeStaleFiles(of: path)
    descriptor = try Self.openAlone(partial, as: partial)
    try wrapping {
      guard try descriptor.seek(offset: 0, from: .end) >= Int64(count) else {
        throw Failure("\(partial): has fewer than the \(count) bytes that were written: remove \(path).* to begin anew")
      }
      guard ftruncate(descriptor.rawValue, count) == 0 else { throw Errno(rawValue: errno) }
      _ = try descriptor.seek(offset: 0, from: .end)
    }
  }

  private static func open(
    _ path: String, _ mode: FileDescriptor.AccessMode, options: FileDescriptor.OpenOptions = [], as name: String
  ) throws -> FileDescriptor {
    do {
      return try FileDescriptor.open(
        FilePath(path), mode, options: options, permissions: [.ownerReadWrite, .groupRead, .otherRead])
    } catch let error as Errno {
      throw Failure("\(name): cannot be written: \(error)")
    }
  }

  /// Opens what one process alone may write.
  private static func openAlone(_ path: String, as name: String) throws -> FileDescriptor {
    let descriptor = try open(path, .readWrite, options: [.create], as: name)
    guard lock(descriptor) else { throw Failure("\(path): another process writes it") }
    return descriptor
  }

  /// - Returns: whether nobody else has it; where a file system has no locks, that is believed.
  private static func lock(_ descriptor: FileDescriptor) -> Bool {
    flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK
  }

  /// A process in another container has a number that means nothing here, but it has its file locked.
  private static func removeStaleFiles(of path: String) {
    for file in staleFiles(of: path) {
      guard let descriptor = try? FileDescriptor.open(FilePath(file), .readWrite) else { continue }
      if lock(descriptor) { unlink(file) }
      try? descriptor.close()
    }
  }

  /// Removes what was written, unless ``finish()`` was reached or another process may go on.
  deinit {
    if let temporaryPath, !isFinished, !isResumable { unlink(temporaryPath) }
    UnfinishedFiles.remove(unfinished)
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
}
