import Glibc
import Testing

@testable import Admin

/// The process's metrics about itself.
@Suite struct ProcessUsageTests {
  private func value(_ name: String) throws -> Double {
    let family = try #require(ProcessUsage.metrics.first { $0.description.name == name })
    return try #require(family.samples.first).value
  }

  @Test func timeOfTheProcessorGrowsWithWork() throws {
    let before = try value("process_cpu_seconds_total")
    // Reading the metric takes CPU time itself.
    for _ in 0..<50_000 where try value("process_cpu_seconds_total") < before + 0.02 {}
    #expect(try value("process_cpu_seconds_total") >= before + 0.02)
  }

  @Test func memoryIsCountedInBytes() throws {
    let (resident, virtual) = (try value("process_resident_memory_bytes"), try value("process_virtual_memory_bytes"))
    #expect((1e6...1e11).contains(resident))
    #expect(resident < virtual)
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 20, alignment: 4_096)
    memory.initializeMemory(as: UInt8.self, repeating: 1)
    #expect(try value("process_resident_memory_bytes") > resident + Double(32 << 20))
    memory.deallocate()
  }

  @Test func anOpenFileIsSeen() throws {
    // Other tests open and close files concurrently, but never so many at once.
    let before = try value("process_open_fds")
    let files = (0..<200).map { _ in open("/dev/null", O_RDONLY) }
    #expect(try value("process_open_fds") > before + 100)
    for file in files { close(file) }
    #expect(try value("process_max_fds") > before)
  }

  @Test func theStartIsBeforeNowAndStaysTheSame() throws {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let start = try value("process_start_time_seconds")
    #expect(start <= Double(now.tv_sec) + 1 && start > Double(now.tv_sec) - 3_600)
    #expect(try value("process_start_time_seconds") == start)
  }
}
