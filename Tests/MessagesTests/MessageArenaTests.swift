import CProtobufC
import Testing

@testable import Messages

/// Memory for one message: zeroed, aligned, within a budget.
@Suite struct MessageArenaTests {
  @Test func handsOutNoMoreThanItsBudget() {
    let arena = MessageArena(budget: 1_000)
    var total = 0
    while arena.allocate(48) != nil { total += 48 }
    #expect(total <= 1_000)
    #expect(total > 1_000 - 64)
  }

  @Test func aRequestBeyondTheBudgetLeavesTheRestUsable() {
    let arena = MessageArena(budget: 4_096)
    #expect(arena.allocate(5_000) == nil)
    #expect(arena.allocate(-1) == nil)
    #expect(arena.allocate(4_096) != nil)
    #expect(arena.allocate(1) == nil)
  }

  @Test func aSizeThatCannotBeRoundedUpIsRefused() async {
    await #expect(processExitsWith: .success) {
      precondition(MessageArena(budget: 4_096).allocate(.max) == nil)
    }
  }

  @Test func memoryIsZeroedAlignedAndApart() throws {
    let arena = MessageArena(budget: 1 << 20)
    var ends: [(start: Int, end: Int)] = []
    for size in [1, 7, 16, 17, 100, 70_000, 3, 65_536, 200_000, 0] {
      let memory = try #require(arena.allocate(size))
      let bytes = UnsafeRawBufferPointer(start: memory, count: size)
      #expect(bytes.allSatisfy { $0 == 0 })
      memory.initializeMemory(as: UInt8.self, repeating: 0xff, count: size)
      let start = Int(bitPattern: memory)
      #expect(start.isMultiple(of: 16))
      #expect(ends.allSatisfy { start >= $0.end || start + size <= $0.start })
      ends.append((start, start + max(size, 1)))
    }
  }

  @Test func servesProtobufCAsAnAllocator() {
    let arena = MessageArena(budget: 64)
    let (first, second) = arena.withAllocator { allocator in
      let data = allocator.pointee.allocator_data
      let first = allocator.pointee.alloc(data, 64)
      allocator.pointee.free(data, first)
      return (first, allocator.pointee.alloc(data, 1))
    }
    #expect(first != nil)
    #expect(second == nil, "freeing one object gives nothing back")
  }
}
