import CZlib
import NIOCore
import Testing

@testable import GRPC

/// If any allocation of zlib fails, no operation stays half done.
@Suite struct ZlibMemoryTests {
  private static let message = ByteBuffer(string: String(repeating: "a paper's abstract ", count: 200))

  @Test(arguments: [Zlib.Format.gzip, .zlib])
  func compressingGoesWithout(format: Zlib.Format) throws {
    for place in 0... {
      let memory = FailingMemory(at: place)
      let compressed = Zlib.deflate(Self.message, format, stream: memory.stream)
      #expect((compressed == nil) == memory.hasFailed, "allocation \(place)")
      #expect(memory.held == 0, "allocation \(place) leaves \(memory.held) others")
      guard memory.hasFailed else { return #expect(place > 1) }
    }
  }

  @Test(arguments: [Zlib.Format.gzip, .zlib])
  func inflatingReportsTheFailure(format: Zlib.Format) throws {
    let compressed = try #require(Zlib.deflate(Self.message, format))
    for place in 0... {
      let memory = FailingMemory(at: place)
      let inflated = Result { () throws(Zlib.InflateError) in
        try Zlib.inflate(compressed, format, maxBytes: 10_000, stream: memory.stream)
      }
      #expect(memory.held == 0, "allocation \(place) leaves \(memory.held) others")
      guard memory.hasFailed else {
        #expect(try inflated.get() == Self.message && place > 0)
        return
      }
      #expect(throws: Zlib.InflateError.noMemory, "allocation \(place)") { try inflated.get() }
    }
  }
}

/// Memory for zlib in which one allocation fails.
private final class FailingMemory {
  private let place: Int
  private var allocations = 0
  /// Allocations that have not been freed.
  private(set) var held = 0

  init(at place: Int) {
    self.place = place
  }

  var hasFailed: Bool { allocations > place }

  /// The initial stream for zlib, valid as long as this object lives.
  var stream: z_stream {
    var stream = z_stream()
    stream.opaque = Unmanaged.passUnretained(self).toOpaque()
    stream.zalloc = { memory, count, size in FailingMemory.from(memory).allocate(Int(count) * Int(size)) }
    stream.zfree = { memory, pointer in FailingMemory.from(memory).free(pointer) }
    return stream
  }

  private func allocate(_ bytes: Int) -> UnsafeMutableRawPointer? {
    defer { allocations += 1 }
    guard allocations != place else { return nil }
    held += 1
    return .allocate(byteCount: bytes, alignment: 16)
  }

  private func free(_ pointer: UnsafeMutableRawPointer?) {
    held -= 1
    pointer?.deallocate()
  }

  private static func from(_ memory: UnsafeMutableRawPointer?) -> FailingMemory {
    Unmanaged<FailingMemory>.fromOpaque(memory!).takeUnretainedValue()
  }
}
