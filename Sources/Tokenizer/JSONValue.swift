/// A JSON document as plain values.
///
/// Foundation's decoders keep objects in dictionaries keyed by String, and Swift holds canonically
/// equivalent strings to be equal: a vocabulary that lists "é" composed and decomposed would lose one.
/// Here an object keeps its members as they came, and names are compared byte by byte.
indirect enum JSONValue: Sendable {
  case null
  case bool(Bool)
  case number(Double)
  case string([UInt8])
  case array([JSONValue])
  case object([(name: [UInt8], value: JSONValue)])

  /// A member of an object; the last one where a name appears twice.
  subscript(_ name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.last { $0.name.elementsEqual(name.utf8) }?.value
  }

  var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// A whole number that fits an Int32.
  var int32: Int32? {
    if case .number(let value) = self { Int32(exactly: value) } else { nil }
  }

  var string: [UInt8]? {
    if case .string(let value) = self { value } else { nil }
  }

  var array: [JSONValue]? {
    if case .array(let values) = self { values } else { nil }
  }

  var members: [(name: [UInt8], value: JSONValue)]? {
    if case .object(let members) = self { members } else { nil }
  }

  var isNull: Bool {
    if case .null = self { true } else { false }
  }
}
