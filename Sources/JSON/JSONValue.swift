/// A JSON document (RFC 8259) as values.
///
/// The value loses nothing: a number keeps its digits, an object keeps the order of its members. Names are compared by
/// their scalars. (Swift's `String` treats canonically equivalent texts as equal, so a dictionary keyed by `String`
/// would keep only one of a composed and a decomposed "é".)
public enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case number(JSONNumber)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)
}

extension JSONValue {
  /// A member of an object, the last one with that name; nil if there is none, or this is not an object.
  public subscript(_ name: String) -> JSONValue? {
    object?[name]
  }

  /// The value of true or false; nil for other kinds.
  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The number; nil for other kinds.
  public var number: JSONNumber? {
    if case .number(let value) = self { value } else { nil }
  }

  /// The text of a string; nil for other kinds.
  public var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  /// The elements of an array; nil for other kinds.
  public var array: [JSONValue]? {
    if case .array(let values) = self { values } else { nil }
  }

  /// The object; nil for other kinds.
  public var object: JSONObject? {
    if case .object(let object) = self { object } else { nil }
  }

  /// Whether the value is null.
  public var isNull: Bool { self == .null }

  /// The kind of the value, for an error that names it: "null", "a number", "an object" …
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
