/// A JSON document (RFC 8259) as values.
///
/// Nothing is lost on the way in: a number keeps its digits, an object the order of its members. Names are compared by
/// their scalars. (Swift's `String` holds canonically equivalent texts to be equal, so a dictionary keyed by `String`
/// would keep one of a composed and a decomposed "é".)
public enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case number(JSONNumber)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)
}

extension JSONValue {
  /// A member of an object, the last one of that name; nil where there is none, and where this is no object.
  public subscript(_ name: String) -> JSONValue? {
    object?[name]
  }

  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  public var number: JSONNumber? {
    if case .number(let value) = self { value } else { nil }
  }

  public var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  public var array: [JSONValue]? {
    if case .array(let values) = self { values } else { nil }
  }

  public var object: JSONObject? {
    if case .object(let object) = self { object } else { nil }
  }

  public var isNull: Bool { self == .null }

  /// What kind of value it is, for an error that names it: "null", "a number", "an object" …
  public var kind: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .number: "a number"
    case .string: "a text"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

/// The members of a JSON object, in their order.
public struct JSONObject: Sendable, Equatable {
  public struct Member: Sendable, Equatable {
    public let name: String
    public let value: JSONValue

    public init(name: String, value: JSONValue) {
      self.name = name
      self.value = value
    }

    public static func == (a: Member, b: Member) -> Bool {
      a.name.isSame(as: b.name) && a.value == b.value
    }
  }

  /// As the document has them; a name may come more than once.
  public let members: [Member]

  public init(_ members: [Member]) {
    self.members = members
  }

  /// The last value of that name, as in Python, Go and JavaScript.
  public subscript(_ name: String) -> JSONValue? {
    members.last { $0.name.isSame(as: name) }?.value
  }
}

extension String {
  /// Whether it has the same scalars; `==` goes by canonical equivalence.
  func isSame(as other: String) -> Bool {
    utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
  }
}
