import Glibc

/// Zeroed memory, aligned to a cache line (64 bytes, which is also the size of an AVX-512 register).
///
/// The owner decides which code may write: weights never change after they are built, and scratch memory belongs to one
/// thread.
final class AlignedBuffer {
  let byteCount: Int
  let start: UnsafeMutableRawPointer
  private let capacity: Int

  /// From this size on, memory is mapped from the system, in huge pages if available, and returned when it is freed. An
  /// allocator would keep the memory that loading a model frees.
  private static let minMappedBytes = 1 << 20

  init(byteCount: Int) {
    precondition(byteCount >= 0)
    self.byteCount = byteCount
    // One more cache line, so that reading a whole vector at the last row's end stays inside.
    capacity = byteCount + 64
    if capacity < Self.minMappedBytes {
      start = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 64)
      start.initializeMemory(as: UInt8.self, repeating: 0, count: capacity)
    } else {
      let mapped = mmap(nil, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
      guard let mapped, mapped != MAP_FAILED else { fatalError("no memory for \(capacity) bytes") }
      madvise(mapped, capacity, MADV_HUGEPAGE)
      start = mapped
    }
  }

  /// Memory for `count` floats.
  convenience init(count: Int) {
    self.init(byteCount: count * MemoryLayout<Float>.stride)
  }

  /// Replaces a buffer that is too small with a larger one; the contents are lost.
  static func grow(_ buffer: inout AlignedBuffer, to byteCount: Int) {
    if buffer.byteCount < byteCount { buffer = AlignedBuffer(byteCount: byteCount) }
  }

  /// The memory as floats.
  var baseAddress: UnsafeMutablePointer<Float> { start.assumingMemoryBound(to: Float.self) }

  deinit {
    if capacity < Self.minMappedBytes {
      start.deallocate()
    } else {
      munmap(start, capacity)
    }
  }
}
