/// The members of a JSON object, in their order.
public struct JSONObject: Sendable, Equatable {
  /// A name and its value.
  public struct Member: Sendable, Equatable {
    /// As the document has it, its escapes read.
    public let name: String
    /// What the name stands for.
    public let value: JSONValue

    /// A member of a name and a value.
    public init(name: String, value: JSONValue) {
      self.name = name
      self.value = value
    }

    /// Whether the names have the same scalars, and the values are equal.
    public static func == (a: Member, b: Member) -> Bool {
      a.name.isSame(as: b.name) && a.value == b.value
    }
  }

  /// As the document has them; a name may come more than once.
  public let members: [Member]

  /// - Parameter members: in their order.
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
