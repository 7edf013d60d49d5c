/// One pass over a text: the tokens to match in it, and the action for each scalar between them.
struct TextPhase: Sendable {
  let table: NormalizationTable
  let addedTokens: AddedTokens
  /// If a byte always adds one ASCII character to a word, that character; otherwise 0.
  let asciiLetters: [UInt8]

  init(table: NormalizationTable, addedTokens: AddedTokens) {
    self.table = table
    self.addedTokens = addedTokens
    var letters = [UInt8](repeating: 0, count: 256)
    for byte in UInt8(0)..<0x80 where !addedTokens.mayStart(with: byte) {
      let action = table.action(for: UInt32(byte))
      if action.kind == .letter, let letter = UInt8(exactly: action.output(for: UInt32(byte))) {
        letters[Int(byte)] = letter
      }
    }
    asciiLetters = letters
  }
}

/// How a text becomes words and added tokens.
enum TextPhases: Sendable {
  /// All tokens are matched in the original text; normalising and splitting are one step.
  case fused(TextPhase)
  /// Some tokens are matched in the normalised text, between the tokens that are matched in the original text.
  case separate(written: AddedTokens, normalizer: NormalizationTable, normalized: TextPhase)

  /// - Throws: ``TokenizerError`` if normalising makes tokens empty or equal.
  init(
    _ tokens: [(token: AddedToken, id: Int32)], normalizer: NormalizerSettings, in file: FolderFile
  ) throws(TokenizerError) {
    func entries(_ isNormalized: Bool) -> [(bytes: [UInt8], id: Int32, isSingleWord: Bool)] {
      tokens.filter { $0.token.isNormalized == isNormalized }
        .map { (Array($0.token.content.utf8), $0.id, $0.token.isSingleWord) }
    }
    let written = AddedTokens(entries(false))
    var late = entries(true)
    guard !late.isEmpty else {
      self = .fused(TextPhase(table: NormalizationTable(normalizer), addedTokens: written))
      return
    }
    let table = NormalizationTable(normalizer, purpose: .normalizedText)
    var known: Set<[UInt8]> = []
    for index in late.indices {
      let content = late[index].bytes
      late[index].bytes = NormalizedText(content.span, by: table).bytes
      guard !late[index].bytes.isEmpty, known.insert(late[index].bytes).inserted else {
        throw file.error(
          "the added token \"\(String(decoding: content, as: UTF8.self))\" is normalized to nothing, or as another one"
        )
      }
    }
    self = .separate(
      written: written, normalizer: table,
      normalized: TextPhase(table: NormalizationTable(.identity), addedTokens: AddedTokens(late)))
  }
}
