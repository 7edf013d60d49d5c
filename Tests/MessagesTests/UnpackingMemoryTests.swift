import CProtobufC
import CSciMultProto
import Testing

@testable import Messages

/// If an allocation of protobuf-c fails, a message is unpacked completely or not at all.
@Suite struct UnpackingMemoryTests {
  @Test func encodeRequestsTakeAnyBudget() throws {
    try Self.unpack(RequestBytes.fullEncode, with: scimult__v1__encode_request__unpack) { $0.n_documents == 3 }
  }

  @Test func rankRequestsTakeAnyBudget() throws {
    try Self.unpack(RequestBytes.fullRank, with: scimult__v1__rank_request__unpack) { $0.n_candidates == 2 }
  }

  /// Unpacks with increasing memory, until there is enough.
  private static func unpack<Message>(
    _ bytes: [UInt8], with unpacker: Unpacker<Message>, isWhole: (Message) -> Bool
  ) throws {
    for budget in stride(from: 0, through: 1 << 16, by: 16) {
      let arena = MessageArena(budget: budget)
      let verdict = arena.withAllocator { allocator in
        unpacker(allocator, bytes.count, bytes).map { isWhole($0.pointee) }
      }
      guard let verdict else { continue }
      #expect(verdict && budget > 0, "a budget of \(budget) bytes")
      return
    }
    Issue.record("64 KB are not enough")
  }
}
