/// Splits one normalised word into tokens, always with the longest token that fits.
struct WordPiece: Sendable {
  let vocabulary: Vocabulary
  /// The token for a word that is too long, or that the vocabulary cannot spell.
  let unknownToken: Int32
  /// The number of characters beyond which a word is unknown.
  let maxCharactersPerWord: Int

  /// Appends the tokens of a word with at least one character.
  func append(_ word: borrowing WordBuffer, to ids: inout [Int32]) {
    guard !word.isOverlong else {
      ids.append(unknownToken)
      return
    }
    let bytes = word.storage.span.extracting(first: word.byteCount)
    let first = ids.count
    var position = 0
    var state: Int32? = vocabulary.wordStart
    while position < bytes.count {
      guard let from = state, let match = vocabulary.longestMatch(in: bytes, from: position, state: from) else {
        ids.removeSubrange(first...)
        ids.append(unknownToken)
        return
      }
      ids.append(match.token)
      position = match.end
      state = vocabulary.continuation
    }
  }
}
