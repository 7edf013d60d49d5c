import Glibc
import SystemPackage

/// The destination of results: standard output, or a file that appears complete by a rename.
final class OutputFile {
  private let descriptor: FileDescriptor
  /// nil if the bytes go directly to their destination: standard output, a pipe, a device.
  private let temporaryPath: String?
  private let path: String
  /// The file that a signal removes.
  private var unfinished: UnfinishedFiles.Entry?
  /// Whether an incomplete file is kept, so that a later process can continue it.
  private let isResumable: Bool
  private var buffer: [UInt8] = []
  /// The number of bytes written, including those of earlier processes.
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

  /// A file that appears complete, written by any number of processes.
  /// - Parameter count: the number of bytes of earlier processes to keep; anything after them is removed.
  /// - Throws: ``Failure``, also if another process is writing the file, or it has fewer bytes.
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

  /// Opens a file that only one process may write.
  private static func openAlone(_ path: String, as name: String) throws -> FileDescriptor {
    let descriptor = try open(path, .readWrite, options: [.create], as: name)
    guard lock(descriptor) else { throw Failure("\(path): another process writes it") }
    return descriptor
  }

  /// - Returns: whether no other process has the lock; true on a file system without locks.
  private static func lock(_ descriptor: FileDescriptor) -> Bool {
    flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK
  }

  /// The process number of another container means nothing here, but that process holds a lock on its file.
  private static func removeStaleFiles(of path: String) {
    for file in staleFiles(of: path) {
      guard let descriptor = try? FileDescriptor.open(FilePath(file), .readWrite) else { continue }
      if lock(descriptor) { unlink(file) }
      try? descriptor.close()
    }
  }

  /// Removes the file, unless ``finish()`` has completed it or another process may continue it.
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

  /// Overwrites bytes that were written before; only for a regular file.
  func overwrite(_ bytes: [UInt8], at offset: Int64) throws {
    try flush()
    try wrapping { _ = try descriptor.writeAll(toAbsoluteOffset: offset, bytes) }
  }

  /// Writes all buffered bytes to the destination.
  func flush() throws {
    try wrapping { _ = try descriptor.writeAll(buffer) }
    buffer.removeAll(keepingCapacity: true)
  }

  /// Writes everything so far to disk.
  func sync() throws {
    try flush()
    try wrapping { guard fdatasync(descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) } }
  }

  /// Completes the file and moves it to its final path.
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
