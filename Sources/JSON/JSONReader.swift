/// Reads a JSON document (RFC 8259) from bytes. The reader is strict except for what its ``Policy`` allows. The
/// document's size bounds its memory and time.
public struct JSONReader: Sendable {
  /// What the reader accepts beyond the grammar.
  public struct Policy: Sendable {
    /// How the reader treats half of a surrogate pair alone (`\ud835`): no text can contain it, but Python writes it.
    enum LoneSurrogates: Sendable {
      case refused
      /// Each half is replaced with U+FFFD.
      case replaced
    }

    let loneSurrogates: LoneSurrogates
    /// Whether NaN, Infinity and -Infinity are numbers, as Python's json module writes and reads them.
    public var takesNonFiniteNumbers: Bool
    /// The maximum nesting of arrays and objects.
    let maxDepth: Int

    /// The policy for configuration files: nothing beyond the grammar.
    public static let strict = Policy(loneSurrogates: .refused, takesNonFiniteNumbers: false, maxDepth: 64)
    /// The policy for data files from other programs: accepts everything that Python's json module writes.
    public static let lenient = Policy(loneSurrogates: .replaced, takesNonFiniteNumbers: true, maxDepth: 512)
  }

  private let policy: Policy

  /// - Parameter policy: ``Policy/strict`` or ``Policy/lenient``.
  public init(_ policy: Policy) {
    self.policy = policy
  }

  /// The value of a whole document.
  /// - Parameter names: the members of the outermost object to read; nil means all. The reader also checks other
  ///   members, but does not store them.
  /// - Throws: ``JSONError``; for a document that is not UTF-8, that is the reason, whatever else is wrong.
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
