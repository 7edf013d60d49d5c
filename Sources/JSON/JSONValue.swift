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

  /// The value of true or false; nil of others.
  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The number; nil of others.
  public var number: JSONNumber? {
    if case .number(let value) = self { value } else { nil }
  }

  /// The text of a string; nil of others.
  public var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  /// The elements of an array; nil of others.
  public var array: [JSONValue]? {
    if case .array(let values) = self { values } else { nil }
  }

  /// The object; nil of others.
  public var object: JSONObject? {
    if case .object(let object) = self { object } else { nil }
  }

  /// Whether it is null.
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
