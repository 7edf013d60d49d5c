import Glibc

/// Memory that starts at a cache line (64 bytes, an AVX-512 register too), zeroed at first.
///
/// The owner decides who may write: weights never change once they are built, scratch memory belongs to one thread.
final class AlignedBuffer {
  let byteCount: Int
  let start: UnsafeMutableRawPointer
  private let capacity: Int

  /// From here on, memory comes from the system in huge pages where it has them, and goes back there when it is freed:
  /// an allocator would keep what loading a model leaves behind.
  private static let minMappedBytes = 1 << 20

  init(byteCount: Int) {
    precondition(byteCount >= 0)
    self.byteCount = byteCount
    // One cache line more: a vector that is read at the last row's end stays inside.
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

  /// Room for floats.
  convenience init(count: Int) {
    self.init(byteCount: count * MemoryLayout<Float>.stride)
  }

  /// Puts a larger buffer in the place of one that is too small; what that held is lost.
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
