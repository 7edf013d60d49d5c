/// The members of a JSON object, in their order.
public struct JSONObject: Sendable, Equatable {
  /// A name and its value.
  public struct Member: Sendable, Equatable {
    /// The name as the document has it, with escapes decoded.
    public let name: String
    /// The value of the name.
    public let value: JSONValue

    /// Creates a member from a name and a value.
    public init(name: String, value: JSONValue) {
      self.name = name
      self.value = value
    }

    /// Whether the names have the same scalars, and the values are equal.
    public static func == (a: Member, b: Member) -> Bool {
      a.name.isSame(as: b.name) && a.value == b.value
    }
  }

  /// The members in the document's order; a name may occur more than once.
  public let members: [Member]

  /// - Parameter members: the members, in their order.
  public init(_ members: [Member]) {
    self.members = members
  }

  /// The last value with that name, as in Python, Go and JavaScript.
  public subscript(_ name: String) -> JSONValue? {
    members.last { $0.name.isSame(as: name) }?.value
  }
}

extension String {
  /// Whether both strings have the same scalars; `==` compares by canonical equivalence.
  func isSame(as other: String) -> Bool {
    utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
  }
}
