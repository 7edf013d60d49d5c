@testable import JSON

extension FuzzTarget {
  /// JSON documents. What the strict reader accepts, the lenient reader accepts too. A value that is written and read
  /// back is unchanged. Nesting is limited. An error's position lies in the document.
  static let json = FuzzTarget(name: "json") { bytes in
    let strict = try value(bytes, .strict)
    let lenient = try value(bytes, .lenient)
    try promise(strict == nil || strict?.text == lenient?.text, "two values of one document")
    for (value, policy) in [(strict, JSONReader.Policy.strict), (lenient, .lenient)] {
      guard let value else { continue }
      try promise(depth(of: value) <= policy.maxDepth, "deeper than allowed")
      let text = value.text
      let again = try Self.value(Array(text.utf8), policy)
      try promise(again == value && again?.text == text, "\(text) reads to another value")
      try promise(!text.utf8.contains { $0 < 0x20 }, "more than a line")
    }
    // Skipped values are checked in the same way as values that are read.
    let none = try value(bytes, .lenient, members: ["id"])
    try promise((none == nil) == (lenient == nil), "members that are not read are checked otherwise")
    try promise(none?["id"]?.text == lenient?["id"]?.text, "a member that is read alone is another")
  }

  private static func value(
    _ bytes: [UInt8], _ policy: JSONReader.Policy, members: [String]? = nil
  ) throws -> JSONValue? {
    do throws(JSONError) {
      return try JSONReader(policy).read(bytes, members: members)
    } catch {
      try promise((0...bytes.count).contains(error.offset), "\(error) in \(bytes.count) bytes")
      let isText = String(validating: bytes, as: UTF8.self) != nil
      try promise(isText == (error.reason != .notUTF8), "\(error) of what is UTF-8, or is not")
      return nil
    }
  }

  private static func depth(of value: JSONValue) -> Int {
    switch value {
    case .array(let values): 1 + (values.map(depth).max() ?? 0)
    case .object(let object): 1 + (object.members.map { depth(of: $0.value) }.max() ?? 0)
    default: 0
    }
  }
}
