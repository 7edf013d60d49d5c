#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file that is mapped into memory without a copy. The system reads its pages when they are first used, and all
/// processes that map it share them.
///
/// Never change a mapped file in place; `rename` a complete one over it, as users of ``ConvertedFileWriter`` do.
public final class MappedFile: Sendable {
  public let path: String
  /// All bytes, beginning at a page boundary; valid as long as this object lives.
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
