/// Tuples, lists and dictionaries.
extension PickleReader {
  mutating func executeContainer(_ opcode: PickleOpcode) throws(ModelError) {
    switch opcode {
    case .emptyTuple: try pushTuple([])
    case .tuple: try pushTuple(try popToMark())
    case .tuple1: try pushTuple(try pop(count: 1))
    case .tuple2: try pushTuple(try pop(count: 2))
    case .tuple3: try pushTuple(try pop(count: 3))
    case .emptyList:
      graph.lists.append(PickleGraph.Sequence())
      try pushObject(.list(graph.lists.count - 1))
    case .emptyDictionary: try pushDictionary()
    case .append: try append(try pop(count: 1))
    case .appends: try append(try popToMark())
    case .setItem: try set(try pop(count: 2))
    case .setItems: try set(try popToMark())
    default: preconditionFailure("\(opcode) is not a container opcode")
    }
  }

  /// Pushes a handle to an object that was just added to the graph.
  mutating func pushObject(_ value: PickleValue) throws(ModelError) {
    guard graph.objectCount <= Self.objectCountMax else {
      throw fault("makes more than \(Self.objectCountMax) objects")
    }
    try push(value)
  }

  mutating func pushDictionary() throws(ModelError) {
    graph.dictionaries.append(PickleGraph.Dictionary())
    try pushObject(.dictionary(graph.dictionaries.count - 1))
  }

  /// Pops the `count` topmost values; the deepest comes first.
  mutating func pop(count: Int) throws(ModelError) -> [PickleValue] {
    var values: [PickleValue] = []
    for _ in 0..<count {
      values.append(try pop())
    }
    values.reverse()
    return values
  }

  private mutating func pushTuple(_ items: [PickleValue]) throws(ModelError) {
    let depth = try admit(items)
    graph.tuples.append(PickleGraph.Sequence(items: items, depth: depth))
    try pushObject(.tuple(graph.tuples.count - 1))
  }

  private mutating func append(_ items: [PickleValue]) throws(ModelError) {
    guard case .list(let index) = try pop() else { throw fault("adds to something that is not a list") }
    let depth = try admit(items)
    graph.lists[index].items += items
    graph.lists[index].depth = max(graph.lists[index].depth, depth)
    try push(.list(index))
  }

  mutating func set(_ items: [PickleValue]) throws(ModelError) {
    guard case .dictionary(let index) = try pop() else { throw fault("sets items of something that is not a dict") }
    guard items.count.isMultiple(of: 2) else { throw fault("has a key without a value") }
    let depth = try admit(items)
    for key in stride(from: 0, to: items.count, by: 2) {
      graph.dictionaries[index].items.append((items[key], items[key + 1]))
    }
    graph.dictionaries[index].depth = max(graph.dictionaries[index].depth, depth)
    try push(.dictionary(index))
  }

  /// Counts items that are about to enter a container.
  /// - Returns: the depth of a container with these items.
  private mutating func admit(_ items: [PickleValue]) throws(ModelError) -> Int {
    itemCount += items.count
    guard itemCount <= Self.itemCountMax else { throw fault("makes more than \(Self.itemCountMax) items") }
    var depth = 1
    for item in items {
      depth = max(depth, 1 + graph.depth(of: item))
    }
    guard depth <= Self.depthMax else { throw fault("nests deeper than \(Self.depthMax) levels") }
    return depth
  }
}
