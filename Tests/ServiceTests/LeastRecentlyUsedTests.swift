import TestSupport
import Testing

@testable import Service

/// Compares a bounded store with a simple model: a list in the order of use.
@Suite struct LeastRecentlyUsedTests {
  /// A key with one of three hashes, so that most keys collide.
  private struct CollidingKey: Hashable {
    let number: Int

    func hash(into hasher: inout Hasher) {
      hasher.combine(number % 3)
    }
  }

  private typealias Store = LeastRecentlyUsed<CollidingKey, Int>

  private struct Model {
    struct Entry {
      let key: CollidingKey
      let value: Int
      let bytes: Int
    }

    let maxBytes: Int
    /// Oldest first.
    var entries: [Entry] = []
    var bytes: Int { entries.reduce(0) { $0 + $1.bytes } }

    mutating func value(for key: CollidingKey) -> Int? {
      guard let index = entries.firstIndex(where: { $0.key == key }) else { return nil }
      entries.append(entries.remove(at: index))
      return entries[entries.count - 1].value
    }

    mutating func insert(_ value: Int, for key: CollidingKey, bytes cost: Int) {
      guard cost <= maxBytes, !entries.contains(where: { $0.key == key }) else { return }
      while bytes + cost > maxBytes { entries.removeFirst() }
      entries.append(Entry(key: key, value: value, bytes: cost))
    }
  }

  @Test(arguments: [0, 1, 4, 30, 1_000])
  func agreesWithTheModel(entriesOfTheBound: Int) {
    let bookkeeping = Store.bookkeepingBytes
    var generator = SeededGenerator(seed: UInt64(entriesOfTheBound))
    var store = Store(maxBytes: entriesOfTheBound * bookkeeping)
    var model = Model(maxBytes: store.maxBytes)
    for step in 0..<4_000 {
      let key = CollidingKey(number: Int.random(in: 0..<60, using: &generator))
      if generator.happens(0.5) {
        // Occasionally more than the whole limit.
        let bytes = Int.random(in: 0...bookkeeping * (generator.happens(0.1) ? 40 : 1), using: &generator)
        store.insert(step, for: key, bytes: bytes)
        model.insert(step, for: key, bytes: bytes + bookkeeping)
      } else {
        #expect(store.value(for: key) == model.value(for: key), "step \(step)")
      }
      #expect(store.bytes == model.bytes && store.count == model.entries.count, "step \(step)")
      #expect(store.bytes <= store.maxBytes, "step \(step)")
    }
  }

  @Test func theFirstValueOfAKeyStays() {
    var store = Store(maxBytes: 10_000)
    store.insert(1, for: CollidingKey(number: 0), bytes: 5)
    store.insert(2, for: CollidingKey(number: 0), bytes: 5)
    #expect(store.value(for: CollidingKey(number: 0)) == 1)
    #expect(store.count == 1)
  }

  @Test func anEntryOverTheLimitDropsNothing() {
    var store = Store(maxBytes: 2 * Store.bookkeepingBytes)
    store.insert(1, for: CollidingKey(number: 0), bytes: 0)
    store.insert(2, for: CollidingKey(number: 1), bytes: Store.bookkeepingBytes + 1)
    #expect(store.value(for: CollidingKey(number: 0)) == 1)
    store.insert(2, for: CollidingKey(number: 1), bytes: Store.bookkeepingBytes)
    #expect(store.value(for: CollidingKey(number: 0)) == nil)
    #expect(store.value(for: CollidingKey(number: 1)) == 2)
    #expect(store.bytes == store.maxBytes)
  }

  @Test func aDroppedValueIsFreed() {
    final class Value {}
    var store = LeastRecentlyUsed<Int, Value>(maxBytes: LeastRecentlyUsed<Int, Value>.bookkeepingBytes)
    var first: Value? = Value()
    weak let observed = first
    if let first { store.insert(first, for: 1, bytes: 0) }
    first = nil
    #expect(observed != nil)
    store.insert(Value(), for: 2, bytes: 0)
    #expect(observed == nil)
  }
}
