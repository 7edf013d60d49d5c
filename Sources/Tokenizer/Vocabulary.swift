/// The tokens of a model, in a double-array trie over their UTF-8 bytes.
///
/// A state's child for byte `b` is the unit at `base + b`, if that unit's `parent` is the state. Tokens that continue a
/// word are children of the state for the prefix ("##"), so that a lookup uses the text's own bytes and builds no
/// string.
struct Vocabulary: Sendable {
  struct Unit: Sendable {
    var base: Int32 = 0
    var parent: Int32 = -1
    /// The token that ends here, or -1.
    var token: Int32 = -1
  }

  /// A token, and its end in the searched bytes.
  struct Match: Equatable {
    var token: Int32
    var end: Int
  }

  private let units: [Unit]
  /// The state from which a token that starts a word is looked up.
  let wordStart: Int32 = 0
  /// The state from which a token that continues a word is looked up; nil if the vocabulary has none.
  let continuation: Int32?
  /// The highest token id, plus one.
  let size: Int

  /// A vocabulary of `tokens`; if a token occurs twice, the last id counts.
  init(tokens: [(bytes: [UInt8], id: Int32)], continuationPrefix: String) {
    units = DoubleArrayBuilder.units(of: tokens)
    size = (tokens.map { Int($0.id) }.max() ?? -1) + 1
    var state: Int32? = wordStart
    for byte in continuationPrefix.utf8 {
      state = state.flatMap { [units] in Self.child(of: $0, by: byte, in: units.span) }
    }
    continuation = state
  }

  /// The id of a whole token, given as UTF-8.
  func id(of token: some Sequence<UInt8>) -> Int32? {
    var state = wordStart
    for byte in token {
      guard let next = Self.child(of: state, by: byte, in: units.span) else { return nil }
      state = next
    }
    let id = units[Int(state)].token
    return id < 0 ? nil : id
  }

  /// The longest token that begins at `start`, looked up from `state`.
  @inline(__always)
  func longestMatch(in bytes: Span<UInt8>, from start: Int, state: Int32) -> Match? {
    let units = self.units.span
    var state = state
    var match = Match(token: -1, end: start)
    var position = start
    while position < bytes.count, let next = Self.child(of: state, by: bytes[position], in: units) {
      state = next
      position += 1
      let token = units[Int(state)].token
      if token >= 0 {
        match = Match(token: token, end: position)
      }
    }
    return match.token < 0 ? nil : match
  }

  @inline(__always)
  private static func child(of state: Int32, by byte: UInt8, in units: Span<Unit>) -> Int32? {
    let next = units[Int(state)].base &+ Int32(byte)
    return units[Int(next)].parent == state ? next : nil
  }
}
