#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file in memory without a copy: its pages are read when they are touched, and shared by all processes that map it.
///
/// A mapped file must not be changed in place; `rename` a complete one over it, as ``ConvertedFileWriter``'s users do.
public final class MappedFile: Sendable {
  public let path: String
  /// All bytes, from a page's start on; valid as long as this object lives.
  public nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

  init(path: String) throws(ModelError) {
    let file = try RandomAccessFile(path: path)
    guard file.size > 0 else { throw ModelError(file: path, reason: "is empty") }
    let start = file.withDescriptor { mmap(nil, file.size, PROT_READ, MAP_SHARED, $0, 0) }
    guard let start, start != MAP_FAILED else {
      throw ModelError(file: path, reason: "cannot be mapped: \(String(cString: strerror(errno)))")
    }
    self.path = path
    bytes = UnsafeRawBufferPointer(start: start, count: file.size)
  }

  deinit {
    munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
  }
}
