/// Reads a JSON document (RFC 8259) from bytes: strictly, but for what its ``Policy`` allows, and in memory and time
/// that are bounded by the document's size.
public struct JSONReader: Sendable {
  /// What is taken beyond the grammar.
  public struct Policy: Sendable {
    /// A half of a surrogate pair by itself (`\ud835`): no text has it, though Python writes it.
    enum LoneSurrogates: Sendable {
      case refused
      /// By U+FFFD, one for each.
      case replaced
    }

    let loneSurrogates: LoneSurrogates
    /// Whether NaN, Infinity and -Infinity are numbers, as Python's json module writes and reads them.
    public var takesNonFiniteNumbers: Bool
    /// Of arrays and objects inside of each other.
    let maxDepth: Int

    /// For files that configure: nothing beyond the grammar.
    public static let strict = Policy(loneSurrogates: .refused, takesNonFiniteNumbers: false, maxDepth: 64)
    /// For files of data, which other programs write: whatever Python's json module makes is read.
    public static let lenient = Policy(loneSurrogates: .replaced, takesNonFiniteNumbers: true, maxDepth: 512)
  }

  private let policy: Policy

  /// - Parameter policy: ``Policy/strict`` or ``Policy/lenient``.
  public init(_ policy: Policy) {
    self.policy = policy
  }

  /// The value of a whole document.
  /// - Parameter names: the members of the outermost object to read; nil is all. Others are checked all the same, but
  ///   take no memory.
  /// - Throws: ``JSONError``; of a document that is not UTF-8 that is the reason, whatever else is wrong with it.
  public func read(_ bytes: Span<UInt8>, members names: [String]? = nil) throws(JSONError) -> JSONValue {
    var cursor = JSONCursor(policy: policy, names: names)
    do {
      return try cursor.document(bytes)
    } catch {
      if let offset = JSONCursor.firstInvalid(bytes) { throw JSONError(offset: offset, reason: .notUTF8) }
      throw error
    }
  }

  /// The value of a whole document, as from a span.
  public func read(_ bytes: [UInt8], members names: [String]? = nil) throws(JSONError) -> JSONValue {
    try read(bytes.span, members: names)
  }

  /// The value of a whole document, as from a span.
  public func read(_ bytes: ArraySlice<UInt8>, members names: [String]? = nil) throws(JSONError) -> JSONValue {
    try read(bytes.span, members: names)
  }
}
