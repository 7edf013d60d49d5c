/// The globals that a pickle may name, and what each means here. The reader never imports or calls one.
enum PickleGlobal: Equatable, Sendable {
  /// `torch.FloatStorage` and similar: the element type in a persistent id.
  case storage(ElementType)
  /// `torch._utils._rebuild_tensor_v2`
  case rebuildTensor
  /// `torch._utils._rebuild_tensor`, its predecessor
  case rebuildOldTensor
  /// `torch._utils._rebuild_parameter`, with or without a state
  case rebuildParameter
  /// `collections.OrderedDict`
  case orderedDictionary
  /// `collections.defaultdict`
  case defaultDictionary
  /// A class of OmegaConf, whose objects the reader keeps as opaque records.
  case omegaConf(OmegaConfClass)
  /// A type in OmegaConf's metadata; a pickle may only name it.
  case typeName

  /// The meaning of `module.name`; nil if a checkpoint may not name it.
  static func find(module: String, name: String) -> PickleGlobal? {
    let path = "\(module).\(name)"
    return table[path] ?? OmegaConfClass(rawValue: path).map(omegaConf)
  }

  /// The kind of elements of a tensor whose storage or function has this name, if the reader does not support them; nil
  /// for other names.
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
      // Protocol 2 uses `__builtin__`, `unicode` and `long` for Python 3's `builtins`, `str` and `int`.
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

/// The classes of OmegaConf 2 whose objects occur in a pickled configuration.
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

  /// The key of the value in an object's state; nil for metadata, which has no value.
  var valueKey: String? {
    switch self {
    case .dictConfig, .listConfig, .tupleConfig, .unionNode: "_content"
    case .metadata, .containerMetadata: nil
    default: "_val"
    }
  }
}
