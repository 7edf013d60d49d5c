/// Globals and their permitted uses: the reader records tensors, ordered dictionaries and OmegaConf's records.
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

  private mutating func pushGlobal(module: String, name: String) throws(ModelError) {
    if let global = PickleGlobal.find(module: module, name: name) { return try push(.global(global)) }
    let path = "\(module).\(name)"
    if let elements = PickleGlobal.unsupportedElements(path) {
      throw fault("\(path): tensors of \(elements) are not supported; fp32, fp16, bf16 and fp64 are")
    }
    let isLightning = memo.values.contains { if case .string(TrainingState.lightningKey) = $0 { true } else { false } }
    guard !isLightning else { throw fault("\(path) is not allowed: the file \(TrainingState.lightningRefusal)") }
    let isModel = ["torch.nn.modules.", "transformers.", "sentence_transformers."].contains(where: path.hasPrefix)
    throw fault(
      "\(path) is not allowed "
        + (isModel
          ? "(the file holds a whole model, code included: save its state_dict() instead)"
          : "(a checkpoint may hold tensors and plain values only)"))
  }

  private mutating func reduce() throws(ModelError) {
    let arguments = try popTuple("calls with")
    guard case .global(let global) = try pop() else { throw fault("calls something that is not a known function") }
    switch global {
    case .rebuildTensor, .rebuildOldTensor:
      graph.tensors.append(try tensor(from: arguments, counts: global == .rebuildTensor ? 6...7 : 4...4))
      try pushObject(.tensor(graph.tensors.count - 1))
    case .rebuildParameter:
      guard (3...4).contains(arguments.count), case .tensor(let index) = arguments[0] else {
        throw fault("_rebuild_parameter has arguments that are not (tensor, bool, hooks)")
      }
      try push(.tensor(index))
    case .orderedDictionary:
      try pushDictionary()
      if !arguments.isEmpty { try setPairs(arguments) }
    case .defaultDictionary:
      guard arguments.count <= 1 else { throw fault("defaultdict has \(arguments.count) arguments") }
      try pushDictionary()
    case .storage, .omegaConf, .typeName:
      throw fault("calls a class, which is not allowed (a checkpoint may hold tensors and plain values only)")
    }
  }

  /// Python 2 builds an OrderedDict from a list of keys and values.
  private mutating func setPairs(_ arguments: [PickleValue]) throws(ModelError) {
    func refusal() -> ModelError { fault("OrderedDict has arguments that are not a list of keys and values") }
    guard format == .legacy else { throw fault("OrderedDict has arguments") }
    guard arguments.count == 1, case .list(let pairs) = arguments[0] else { throw refusal() }
    var items: [PickleValue] = []
    for pair in graph.lists[pairs].items {
      switch pair {
      case .list(let index) where graph.lists[index].items.count == 2: items += graph.lists[index].items
      case .tuple(let index) where graph.tuples[index].items.count == 2: items += graph.tuples[index].items
      default: throw refusal()
      }
    }
    try set(items)
  }

  private mutating func newObject() throws(ModelError) {
    guard try popTuple("makes an object with").isEmpty, case .global(.omegaConf(let type)) = try pop() else {
      throw fault("makes an object of a class that is not OmegaConf's, or with arguments")
    }
    graph.records.append(PickledRecord(type: type))
    try pushObject(.record(graph.records.count - 1))
  }

  /// BUILD gives an object its state. For a record, the reader keeps it; for a state dict, it is `_metadata`, which
  /// serving ignores.
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

  /// The storage that a persistent id names; the location, such as `cuda:0`, is ignored.
  private mutating func persistentID() throws(ModelError) {
    var fields = try popTuple("has a persistent id that is")
    let isModule = if case .string("module")? = fields.first { true } else { false }
    guard !isModule else {
      throw fault("holds a whole module, code included; save the model's state_dict() with torch.save")
    }
    let view = format == .legacy && fields.count == 6 ? fields.popLast() : nil
    guard fields.count == 5, (view != nil) == (format == .legacy), case .string("storage") = fields[0],
      case .global(.storage(let type)) = fields[1], case .string(let key) = fields[2], case .string = fields[3],
      case .int(let count) = fields[4], count >= 0
    else {
      let form = format == .legacy ? "count, view" : "count"
      throw fault("has a persistent id that is not (\"storage\", type, key, location, \(form))")
    }
    let elements = try elements(of: view ?? .none, count: count)
    graph.storages.append(PickledStorage(elementType: type, key: key, elementCount: count, view: elements))
    try pushObject(.storage(graph.storages.count - 1))
  }

  /// The elements of a storage of `count` elements that a view covers.
  private func elements(of view: PickleValue, count: Int) throws(ModelError) -> Range<Int> {
    if case .none = view { return 0..<count }
    guard case .tuple(let index) = view, graph.tuples[index].items.count == 3,
      case .string = graph.tuples[index].items[0], case .int(let offset) = graph.tuples[index].items[1],
      case .int(let viewCount) = graph.tuples[index].items[2], 0...count ~= offset, 0...(count - offset) ~= viewCount
    else { throw fault("has a view that is not (key, offset, count) inside its storage of \(count) elements") }
    return offset..<(offset + viewCount)
  }

  /// `(storage, offset, shape, strides)`, and since torch 0.4 also `requires_grad, hooks[, metadata]`.
  private func tensor(
    from arguments: [PickleValue], counts: ClosedRange<Int>
  ) throws(ModelError) -> PickledTensor {
    guard counts.contains(arguments.count), case .storage(let storage) = arguments[0],
      case .int(let offset) = arguments[1], let shape = integers(arguments[2]), let strides = integers(arguments[3])
    else {
      let function = counts.upperBound == 4 ? "_rebuild_tensor" : "_rebuild_tensor_v2"
      throw fault("\(function) has arguments that are not (storage, offset, shape, strides, …)")
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
