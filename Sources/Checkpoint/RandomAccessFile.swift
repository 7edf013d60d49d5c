#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A regular file that is read by position. Its size is fixed when it is opened.
///
/// Reads use `pread`: if the file shrinks during a read, the result is an error. With a mapping, SIGBUS would end the
/// process.
final class RandomAccessFile: Sendable {
  let path: String
  /// The number of bytes in the file when it was opened.
  let size: Int
  private let descriptor: Int32

  init(path: String) throws(ModelError) {
    // If a FIFO is in the file's place, O_NONBLOCK keeps the open from blocking. For a regular file, it has no effect.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      let code = errno
      if code == ENOENT, let error = PathStatus.danglingLink(on: path) { throw error }
      throw ModelError(file: path, reason: systemReason(code))
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let code = errno
      close(descriptor)
      throw ModelError(file: path, reason: systemReason(code))
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw ModelError(file: path, reason: "is not a regular file")
    }
    self.path = path
    self.size = Int(status.st_size)
    self.descriptor = descriptor
  }

  deinit {
    close(descriptor)
  }

  /// Runs `body` with the file's descriptor; `body` must not close it.
  func withDescriptor<Result>(_ body: (Int32) -> Result) -> Result { body(descriptor) }

  /// Fills `destination` with the bytes from `offset` on.
  func read(at offset: Int, into destination: UnsafeMutableRawBufferPointer) throws(ModelError) {
    let (end, overflow) = offset.addingReportingOverflow(destination.count)
    guard offset >= 0, !overflow, end <= size else {
      throw ModelError(
        file: path, reason: "ends at byte \(size), \(destination.count) bytes are needed at \(offset): it is truncated")
    }
    var filled = 0
    while filled < destination.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: destination[filled...])
      let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + filled))
      if count > 0 {
        filled += count
      } else if count == 0 {
        throw ModelError(file: path, reason: "shrank while it was read: byte \(offset + filled) is gone")
      } else if errno != EINTR {
        throw ModelError(file: path, reason: systemReason(errno))
      }
    }
  }

  /// The `count` bytes from `offset` on.
  func bytes(at offset: Int, count: Int) throws(ModelError) -> [UInt8] {
    guard count >= 0, count <= size else {
      throw ModelError(file: path, reason: "has \(size) bytes, \(count) are needed: it is truncated")
    }
    var bytes = [UInt8](repeating: 0, count: count)
    let outcome = bytes.withUnsafeMutableBytes { buffer in
      Result { () throws(ModelError) in try read(at: offset, into: buffer) }
    }
    try outcome.get()
    return bytes
  }
}
