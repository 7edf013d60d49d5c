/// Memory that starts at a cache line (64 bytes, an AVX-512 register too), zeroed at first.
///
/// The owner decides who may write: weights never change once they are built, scratch memory belongs to one thread.
final class AlignedBuffer {
  let byteCount: Int
  let start: UnsafeMutableRawPointer

  init(byteCount: Int) {
    precondition(byteCount >= 0)
    self.byteCount = byteCount
    // One cache line more: a vector that is read at the last row's end stays inside.
    let capacity = byteCount + 64
    start = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 64)
    start.initializeMemory(as: UInt8.self, repeating: 0, count: capacity)
  }

  /// Room for floats.
  convenience init(count: Int) {
    self.init(byteCount: count * MemoryLayout<Float>.stride)
  }

  /// The memory as floats.
  var baseAddress: UnsafeMutablePointer<Float> { start.assumingMemoryBound(to: Float.self) }

  deinit {
    start.deallocate()
  }
}
