/// One value of a pickle that has been read. Containers are handles into the graph's tables. A value that a pickle
/// shares a million times therefore costs a million handles, not a million copies; cycles are harmless, and freeing
/// never recurses.
enum PickleValue {
  case none
  case bool(Bool)
  case int(Int)
  case double(Double)
  case string(String)
  case global(PickleGlobal)
  case tuple(Int)
  case list(Int)
  case dictionary(Int)
  case storage(Int)
  case tensor(Int)
  case record(Int)

  /// The kind of the value, in Python's words, for an error.
  var kind: String {
    switch self {
    case .none: "None"
    case .bool: "a bool"
    case .int: "an int"
    case .double: "a float"
    case .string: "a str"
    case .global: "a class"
    case .tuple: "a tuple"
    case .list: "a list"
    case .dictionary: "a dict"
    case .storage: "a storage"
    case .tensor: "a tensor"
    case .record: "an OmegaConf object"
    }
  }
}

/// A storage, which a persistent id names by its key.
struct PickledStorage {
  let elementType: ElementType
  let key: String
  let elementCount: Int
  /// The elements for which the id stands: all of them, except in old files of the legacy format.
  let view: Range<Int>
}

/// The arguments of `_rebuild_tensor_v2`, not yet checked against the storage's bounds.
struct PickledTensor {
  let storage: PickledStorage
  /// The offset in elements.
  let offset: Int
  let shape: [Int]
  /// The strides in elements.
  let strides: [Int]
}

/// An OmegaConf object: its class, and the state that BUILD would have given it.
struct PickledRecord {
  let type: OmegaConfClass
  var state: PickleValue = .none
}

/// Everything in a pickle, as data.
struct PickleGraph {
  struct Sequence {
    var items: [PickleValue] = []
    /// The levels of containers from this one down, when it was last extended.
    var depth = 1
  }

  struct Dictionary {
    var items: [(key: PickleValue, value: PickleValue)] = []
    var depth = 1
  }

  var root = PickleValue.none
  var tuples: [Sequence] = []
  var lists: [Sequence] = []
  var dictionaries: [Dictionary] = []
  var storages: [PickledStorage] = []
  var tensors: [PickledTensor] = []
  var records: [PickledRecord] = []

  /// The number of objects in all tables.
  var objectCount: Int {
    tuples.count + lists.count + dictionaries.count + storages.count + tensors.count + records.count
  }

  /// The levels of containers from a value down, as known when each container was last extended.
  func depth(of value: PickleValue) -> Int {
    switch value {
    case .tuple(let index): tuples[index].depth
    case .list(let index): lists[index].depth
    case .dictionary(let index): dictionaries[index].depth
    case .record(let index): 1 + depth(of: records[index].state)
    default: 0
    }
  }

  /// A dictionary's items by name. Throws if a key is neither a string nor an int, or occurs twice.
  func namedItems(of index: Int, site: ErrorSite) throws(ModelError) -> [String: PickleValue] {
    var named: [String: PickleValue] = [:]
    for (key, value) in dictionaries[index].items {
      let name: String
      switch key {
      case .string(let text): name = text
      case .int(let number): name = String(number)
      default: throw site.error("has a key that is \(key.kind), not a str")
      }
      guard named.updateValue(value, forKey: name) == nil else {
        throw site.error("has the key \(name) twice")
      }
    }
    return named
  }
}
