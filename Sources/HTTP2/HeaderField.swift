/// One header or trailer field; the name is lower-case.
public struct HeaderField: Sendable, Equatable {
  public let name: String
  public let value: String

  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

extension Array where Element == HeaderField {
  /// The value of the first field of this name.
  public func first(_ name: String) -> String? {
    first { $0.name == name }?.value
  }
}
