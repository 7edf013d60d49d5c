/// One header or trailer field; the name is in lower case.
public struct HeaderField: Sendable, Equatable {
  public let name: String
  public let value: String

  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

extension Array where Element == HeaderField {
  /// The value of the first field with this name.
  public func first(_ name: String) -> String? {
    // Comparing the lengths first avoids most comparisons byte by byte.
    first { $0.name.utf8.count == name.utf8.count && $0.name == name }?.value
  }
}
