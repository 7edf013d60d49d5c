/// A key-value store with a bounded number of bytes; the least recently used entry is dropped first.
///
/// Each operation takes constant time: a dictionary finds an entry's node, and the nodes form a ring in the order of
/// use.
struct LeastRecentlyUsed<Key: Hashable, Value> {
  private struct Entry {
    let key: Key
    let value: Value
    let bytes: Int
  }

  private struct Node {
    /// nil in the ring's anchor, and in unused nodes.
    var entry: Entry?
    var newer: Int
    var older: Int
  }

  let maxBytes: Int
  /// The stated costs of all entries, and the memory of their bookkeeping.
  private(set) var bytes = 0
  private var places: [Key: Int] = [:]
  /// The first node is the ring's anchor: its newer neighbour is the oldest entry, its older neighbour the newest one.
  private var nodes = [Node(entry: nil, newer: anchor, older: anchor)]
  /// The first of the unused nodes, which are linked by `older`; the anchor if there is none.
  private var firstUnused = anchor

  private static var anchor: Int { 0 }

  /// The cost of an entry in addition to its own memory. A dictionary is at least three eighths full, and the array of
  /// nodes at least half.
  static var bookkeepingBytes: Int {
    2 * MemoryLayout<Node>.stride + (MemoryLayout<Key>.stride + MemoryLayout<Int>.stride) * 8 / 3
  }

  init(maxBytes: Int) {
    self.maxBytes = maxBytes
  }

  var count: Int { places.count }

  /// The value of a key, which becomes the most recently used one.
  mutating func value(for key: Key) -> Value? {
    guard let place = places[key] else { return nil }
    unlink(place)
    linkAsNewest(place)
    return nodes[place].entry?.value
  }

  /// Stores a value, and drops others if there is no room.
  ///
  /// Nothing happens if the key has a value, or if the value alone exceeds the limit.
  /// - Parameter bytes: the memory to which key and value refer.
  mutating func insert(_ value: Value, for key: Key, bytes entryBytes: Int) {
    let cost = entryBytes + Self.bookkeepingBytes
    guard cost <= maxBytes, places[key] == nil else { return }
    while bytes + cost > maxBytes { removeOldest() }
    let entry = Entry(key: key, value: value, bytes: cost)
    let place = firstUnused
    if place == Self.anchor {
      places[key] = nodes.count
      nodes.append(Node(entry: entry, newer: Self.anchor, older: Self.anchor))
      linkAsNewest(nodes.count - 1)
    } else {
      places[key] = place
      firstUnused = nodes[place].older
      nodes[place].entry = entry
      linkAsNewest(place)
    }
    bytes += cost
  }

  private mutating func removeOldest() {
    let place = nodes[Self.anchor].newer
    guard let entry = nodes[place].entry else { preconditionFailure("nothing is left to remove") }
    unlink(place)
    places[entry.key] = nil
    bytes -= entry.bytes
    nodes[place].entry = nil
    nodes[place].older = firstUnused
    firstUnused = place
  }

  private mutating func unlink(_ place: Int) {
    let node = nodes[place]
    nodes[node.newer].older = node.older
    nodes[node.older].newer = node.newer
  }

  private mutating func linkAsNewest(_ place: Int) {
    let newest = nodes[Self.anchor].older
    nodes[place].newer = Self.anchor
    nodes[place].older = newest
    nodes[newest].newer = place
    nodes[Self.anchor].older = place
  }
}
