/// Memory for floats, 64-byte aligned (a cache line and an AVX-512 register), zeroed at first.
///
/// The owner decides who may write: weights never change once they are built, scratch memory belongs to one thread.
final class AlignedBuffer {
  let count: Int
  let baseAddress: UnsafeMutablePointer<Float>

  init(count: Int) {
    precondition(count >= 0)
    self.count = count
    let bytes = max(count, 1) * MemoryLayout<Float>.stride
    let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    baseAddress = raw.initializeMemory(as: Float.self, repeating: 0, count: max(count, 1))
  }

  deinit {
    UnsafeMutableRawPointer(baseAddress).deallocate()
  }
}
