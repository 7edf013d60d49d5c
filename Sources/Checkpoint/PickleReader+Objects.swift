/// Globals and what may be done with them: tensors, ordered dictionaries and OmegaConf's records are noted down.
extension PickleReader {
  mutating func executeObject(_ opcode: PickleOpcode) throws(ModelError) {
    switch opcode {
    case .global:
      let module = try readLine()
      try pushGlobal(module: module, name: try readLine())
    case .stackGlobal:
      let names = try pop(count: 2)
      guard case .string(let module) = names[0], case .string(let name) = names[1] else {
        throw fault("names a global by something that is not a str")
      }
      try pushGlobal(module: module, name: name)
    case .reduce: try reduce()
    case .newObject: try newObject()
    case .build: try build()
    case .binPersistentID: try persistentID()
    default: preconditionFailure("\(opcode) is not an object opcode")
    }
  }

  private mutating func readLine() throws(ModelError) -> String {
    guard let end = bytes[position...].prefix(Self.stringBytesMax).firstIndex(of: 0x0a) else {
      throw fault("names a global without the end of a line: it is truncated")
    }
    let line = try readString(byteCount: end - position)
    position += 1
    return line
  }

  private mutating func pushGlobal(module: String, name: String) throws(ModelError) {
    guard let global = PickleGlobal.find(module: module, name: name) else {
      throw fault("\(module).\(name) is not allowed (a checkpoint may hold tensors and plain values only)")
    }
    try push(.global(global))
  }

  private mutating func reduce() throws(ModelError) {
    let arguments = try popTuple("calls with")
    guard case .global(let global) = try pop() else { throw fault("calls something that is not a known function") }
    switch global {
    case .rebuildTensor:
      graph.tensors.append(try tensor(from: arguments))
      try pushObject(.tensor(graph.tensors.count - 1))
    case .rebuildParameter:
      guard arguments.count == 3, case .tensor(let index) = arguments[0] else {
        throw fault("_rebuild_parameter has arguments that are not (tensor, bool, hooks)")
      }
      try push(.tensor(index))
    case .orderedDictionary:
      guard arguments.isEmpty else { throw fault("OrderedDict has arguments") }
      try pushDictionary()
    case .defaultDictionary:
      guard arguments.count <= 1 else { throw fault("defaultdict has \(arguments.count) arguments") }
      try pushDictionary()
    case .storage, .omegaConf, .typeName:
      throw fault("calls a class, which is not allowed (a checkpoint may hold tensors and plain values only)")
    }
  }

  private mutating func newObject() throws(ModelError) {
    guard try popTuple("makes an object with").isEmpty, case .global(.omegaConf(let type)) = try pop() else {
      throw fault("makes an object of a class that is not OmegaConf's, or with arguments")
    }
    graph.records.append(PickledRecord(type: type))
    try pushObject(.record(graph.records.count - 1))
  }

  /// BUILD gives an object its state: kept for a record; of a state dict it is `_metadata`, which serving ignores.
  private mutating func build() throws(ModelError) {
    let state = try pop()
    guard case .dictionary = state else { throw fault("gives an object a state that is \(state.kind), not a dict") }
    switch try pop() {
    case .record(let index):
      guard 1 + graph.depth(of: state) <= Self.depthMax else {
        throw fault("nests deeper than \(Self.depthMax) levels")
      }
      graph.records[index].state = state
      try push(.record(index))
    case .dictionary(let index): try push(.dictionary(index))
    case let other: throw fault("gives a state to \(other.kind)")
    }
  }

  /// `("storage", type, key, location, element count)`; the location, such as `cuda:0`, means nothing here.
  private mutating func persistentID() throws(ModelError) {
    let fields = try popTuple("has a persistent id that is")
    guard fields.count == 5, case .string("storage") = fields[0], case .global(.storage(let type)) = fields[1],
      case .string(let key) = fields[2], case .string = fields[3], case .int(let count) = fields[4], count >= 0
    else {
      throw fault("has a persistent id that is not (\"storage\", type, key, location, count)")
    }
    graph.storages.append(PickledStorage(elementType: type, key: key, elementCount: count))
    try pushObject(.storage(graph.storages.count - 1))
  }

  /// `(storage, offset, shape, strides, requires_grad, hooks[, metadata])`
  private func tensor(from arguments: [PickleValue]) throws(ModelError) -> PickledTensor {
    guard (6...7).contains(arguments.count), case .storage(let storage) = arguments[0],
      case .int(let offset) = arguments[1], let shape = integers(arguments[2]), let strides = integers(arguments[3])
    else {
      throw fault("_rebuild_tensor_v2 has arguments that are not (storage, offset, shape, strides, …)")
    }
    return PickledTensor(storage: graph.storages[storage], offset: offset, shape: shape, strides: strides)
  }

  private func integers(_ value: PickleValue) -> [Int]? {
    guard case .tuple(let index) = value, graph.tuples[index].items.count <= Self.rankMax else { return nil }
    var integers: [Int] = []
    for item in graph.tuples[index].items {
      guard case .int(let integer) = item else { return nil }
      integers.append(integer)
    }
    return integers
  }

  private mutating func popTuple(_ action: String) throws(ModelError) -> [PickleValue] {
    let value = try pop()
    guard case .tuple(let index) = value else { throw fault("\(action) \(value.kind), not a tuple") }
    return graph.tuples[index].items
  }
}
