import CNGHTTP2
import Glibc

/// Memory for nghttp2 in which one allocation fails, or all from a certain one on.
final class FailingMemory {
  enum Failure {
    case one, allFrom
  }

  private let failure: Failure
  private let place: Int
  private var allocations = 0

  /// - Parameter place: the index of the first allocation that fails, from 0.
  init(_ failure: Failure, at place: Int) {
    self.failure = failure
    self.place = place
  }

  /// Whether an allocation has failed.
  var hasFailed: Bool { allocations > place }

  private func mayAllocate() -> Bool {
    defer { allocations += 1 }
    return failure == .one ? allocations != place : allocations < place
  }

  /// The allocator for nghttp2, valid as long as this object lives.
  var nghttp2: nghttp2_mem {
    nghttp2_mem(
      mem_user_data: Unmanaged.passUnretained(self).toOpaque(),
      malloc: { size, memory in FailingMemory.from(memory).mayAllocate() ? malloc(size) : nil },
      free: { pointer, _ in free(pointer) },
      calloc: { count, size, memory in FailingMemory.from(memory).mayAllocate() ? calloc(count, size) : nil },
      realloc: { pointer, size, memory in FailingMemory.from(memory).mayAllocate() ? realloc(pointer, size) : nil })
  }

  private static func from(_ memory: UnsafeMutableRawPointer?) -> FailingMemory {
    Unmanaged<FailingMemory>.fromOpaque(memory!).takeUnretainedValue()
  }
}
