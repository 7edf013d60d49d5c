/// The globals that a pickle may name, and what each stands for here. None is ever imported or called.
enum PickleGlobal: Equatable, Sendable {
  /// `torch.FloatStorage` and its kin: the element type in a persistent id.
  case storage(ElementType)
  /// `torch._utils._rebuild_tensor_v2`
  case rebuildTensor
  /// `torch._utils._rebuild_tensor`, which came before it
  case rebuildOldTensor
  /// `torch._utils._rebuild_parameter`, with a state or without
  case rebuildParameter
  /// `collections.OrderedDict`
  case orderedDictionary
  /// `collections.defaultdict`
  case defaultDictionary
  /// A class of OmegaConf, whose objects are kept as opaque records.
  case omegaConf(OmegaConfClass)
  /// A type that OmegaConf's metadata mentions; it may be named and nothing else.
  case typeName

  /// What `module.name` stands for; nil when a checkpoint may not name it.
  static func find(module: String, name: String) -> PickleGlobal? {
    let path = "\(module).\(name)"
    return table[path] ?? OmegaConfClass(rawValue: path).map(omegaConf)
  }

  /// What a tensor's elements are whose storage or function is named so, where these are not read; nil for other names.
  static func unsupportedElements(_ path: String) -> String? {
    switch path {
    case "torch.CharStorage", "torch.ShortStorage": "int8 or int16 numbers"
    case "torch.QInt8Storage", "torch.QUInt8Storage", "torch.QInt32Storage", "torch.QUInt4x2Storage",
      "torch.QUInt2x4Storage", "torch._utils._rebuild_qtensor":
      "quantised numbers"
    case "torch._utils._rebuild_tensor_v3": "8-bit floats or of unsigned numbers"
    case "torch.ComplexFloatStorage", "torch.ComplexDoubleStorage": "complex numbers"
    case "torch._utils._rebuild_sparse_tensor", "torch._utils._rebuild_sparse_csr_tensor": "a sparse layout"
    default: nil
    }
  }

  private static let table: [String: PickleGlobal] = {
    var table: [String: PickleGlobal] = [
      "torch.FloatStorage": .storage(.float32),
      "torch.HalfStorage": .storage(.float16),
      "torch.BFloat16Storage": .storage(.bfloat16),
      "torch.DoubleStorage": .storage(.float64),
      "torch.LongStorage": .storage(.int64),
      "torch.IntStorage": .storage(.int32),
      "torch.ByteStorage": .storage(.uint8),
      "torch.BoolStorage": .storage(.bool),
      "torch._utils._rebuild_tensor": .rebuildOldTensor,
      "torch._utils._rebuild_tensor_v2": .rebuildTensor,
      "torch._utils._rebuild_parameter": .rebuildParameter,
      "torch._utils._rebuild_parameter_with_state": .rebuildParameter,
      "collections.OrderedDict": .orderedDictionary,
      "collections.defaultdict": .defaultDictionary,
    ]
    let typeNames = [
      // `__builtin__`, `unicode` and `long` are how protocol 2 spells Python 3's `builtins`, `str` and `int`.
      "__builtin__": ["bool", "bytes", "dict", "float", "int", "list", "long", "object", "str", "tuple", "unicode"],
      "builtins": ["bool", "bytes", "dict", "float", "int", "list", "object", "str", "tuple"],
      "typing": ["Any", "Dict", "List", "Optional", "Tuple", "Union"],
    ]
    for (module, names) in typeNames {
      for name in names {
        table["\(module).\(name)"] = .typeName
      }
    }
    return table
  }()
}

/// The classes of OmegaConf 2 whose objects a pickled configuration holds.
enum OmegaConfClass: String, Sendable {
  case dictConfig = "omegaconf.dictconfig.DictConfig"
  case listConfig = "omegaconf.listconfig.ListConfig"
  case tupleConfig = "omegaconf.tupleconfig.TupleConfig"
  case unionNode = "omegaconf.base.UnionNode"
  case metadata = "omegaconf.base.Metadata"
  case containerMetadata = "omegaconf.base.ContainerMetadata"
  case anyNode = "omegaconf.nodes.AnyNode"
  case noneNode = "omegaconf.nodes.NoneNode"
  case stringNode = "omegaconf.nodes.StringNode"
  case integerNode = "omegaconf.nodes.IntegerNode"
  case floatNode = "omegaconf.nodes.FloatNode"
  case booleanNode = "omegaconf.nodes.BooleanNode"
  case enumNode = "omegaconf.nodes.EnumNode"
  case pathNode = "omegaconf.nodes.PathNode"
  case bytesNode = "omegaconf.nodes.BytesNode"
  case literalNode = "omegaconf.nodes.LiteralNode"

  /// The key of an object's state that holds its value; nil for metadata, which has none.
  var valueKey: String? {
    switch self {
    case .dictConfig, .listConfig, .tupleConfig, .unionNode: "_content"
    case .metadata, .containerMetadata: nil
    default: "_val"
    }
  }
}
