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
    // Two strings of different length are told apart at once, of the same length byte by byte.
    first { $0.name.utf8.count == name.utf8.count && $0.name == name }?.value
  }
}
