/// Builds the double array of a ``Vocabulary`` from a set of byte strings.
struct DoubleArrayBuilder {
  private var units: [Vocabulary.Unit] = [Vocabulary.Unit(base: 0, parent: 0)]
  /// No unit from `firstChild` up to this one is free: a single child goes into the first free unit.
  private var firstFree = firstChild
  /// Where the search for room for several children begins. It skips crowded units and leaves them to single children,
  /// so that building takes time linear in the number of states.
  private var firstRoomy = firstChild
  /// Children start here, so that every base is at least 1, whatever the bytes.
  private static let firstChild = 256
  private static let maxProbes = 32
  private let tokens: [(bytes: [UInt8], id: Int32)]

  /// A state whose children still need places: the sorted tokens in `range` share the first `depth` bytes, which lead
  /// to `state`.
  private struct Pending {
    var state: Int
    var depth: Int
    var range: Range<Int>
  }

  /// The units of a trie of `tokens`; if a token occurs twice, the last id counts.
  static func units(of tokens: [(bytes: [UInt8], id: Int32)]) -> [Vocabulary.Unit] {
    let order = tokens.indices.sorted { left, right in
      if tokens[left].bytes == tokens[right].bytes { return left < right }
      return tokens[left].bytes.lexicographicallyPrecedes(tokens[right].bytes)
    }
    var builder = DoubleArrayBuilder(sortedTokens: order.map { tokens[$0] })
    builder.build()
    return builder.units
  }

  private init(sortedTokens: [(bytes: [UInt8], id: Int32)]) {
    tokens = sortedTokens
  }

  private mutating func build() {
    var stack = [Pending(state: 0, depth: 0, range: tokens.indices)]
    while let pending = stack.popLast() {
      let children = split(pending)
      guard let base = place(children.map(\.byte), below: pending.state) else { continue }
      for child in children {
        stack.append(Pending(state: base + Int(child.byte), depth: pending.depth + 1, range: child.range))
      }
    }
    // A lookup of any byte from any state must stay inside the array.
    let highestBase = units.map(\.base).max() ?? 0
    grow(to: Int(highestBase) + 256)
  }

  /// The next bytes after a state; records the token that ends at the state.
  private mutating func split(_ pending: Pending) -> [(byte: UInt8, range: Range<Int>)] {
    var children: [(byte: UInt8, range: Range<Int>)] = []
    for index in pending.range {
      guard pending.depth < tokens[index].bytes.count else {
        units[pending.state].token = tokens[index].id
        continue
      }
      let byte = tokens[index].bytes[pending.depth]
      if let last = children.last, last.byte == byte {
        children[children.count - 1].range = last.range.lowerBound..<index + 1
      } else {
        children.append((byte, index..<index + 1))
      }
    }
    return children
  }

  /// Finds and claims room for the children of a state; nil if there are none.
  private mutating func place(_ bytes: [UInt8], below state: Int) -> Int? {
    guard let first = bytes.first else { return nil }
    while isTaken(firstFree) { firstFree += 1 }
    let start = bytes.count == 1 ? firstFree : max(firstFree, firstRoomy)
    var candidate = start
    while bytes.contains(where: { isTaken(candidate - Int(first) + Int($0)) }) {
      candidate += 1
    }
    if candidate - start > Self.maxProbes {
      firstRoomy = candidate
    }
    let base = candidate - Int(first)
    grow(to: base + 256)
    units[state].base = Int32(base)
    for byte in bytes {
      units[base + Int(byte)].parent = Int32(state)
    }
    return base
  }

  private func isTaken(_ index: Int) -> Bool {
    index < units.count && units[index].parent >= 0
  }

  private mutating func grow(to count: Int) {
    while units.count < count {
      units.append(Vocabulary.Unit())
    }
  }
}
