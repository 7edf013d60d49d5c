/// Turns one text into token ids, from its first byte on and no further than they are wanted.
struct TextReader {
  private let wordPiece: WordPiece
  private let table: NormalizationTable
  private let addedTokens: AddedTokens
  private let asciiLetters: [UInt8]
  private var word: WordBuffer
  /// The ids so far.
  private(set) var ids: [Int32]

  init(_ tokenizer: borrowing BertTokenizer, ids: [Int32]) {
    wordPiece = tokenizer.wordPiece
    table = tokenizer.table
    addedTokens = tokenizer.addedTokens
    asciiLetters = tokenizer.asciiLetters
    word = WordBuffer(maxCharacters: tokenizer.wordPiece.maxCharactersPerWord)
    self.ids = ids
  }

  /// Reads the text until it ends or until there are more than `limit` ids.
  mutating func read(_ text: Span<UInt8>, limit: Int) {
    var position = 0
    while position < text.count && ids.count <= limit {
      let letter = asciiLetters[Int(text[position])]
      if letter != 0 {
        word.append(ascii: letter)
        position += 1
      } else {
        position = readOther(text, at: position)
      }
    }
    endWord()
  }

  /// Reads an added token, or a scalar that is not an ASCII letter or digit, and returns where it ends.
  private mutating func readOther(_ text: Span<UInt8>, at position: Int) -> Int {
    if addedTokens.mayStart(with: text[position]), let match = addedTokens.match(in: text, at: position) {
      endWord()
      ids.append(match.token)
      return match.end
    }
    let (scalar, width) = UTF8Scalar.decode(text, at: position)
    apply(table.action(for: scalar), to: scalar)
    return position + width
  }

  private mutating func apply(_ action: ScalarAction, to scalar: UInt32) {
    switch action.kind {
    case .letter: word.append(action.output(for: scalar))
    case .space: endWord()
    case .drop: break
    case .barrier: word.endCombiningRun()
    case .isolated:
      endWord()
      word.append(action.output(for: scalar))
      endWord()
    case .combining:
      word.append(action.output(for: scalar), combiningClass: action.combiningClass)
    case .expansion:
      for part in table.parts(of: action) {
        apply(part, to: scalar)
      }
    case .hangul:
      HangulSyllable.forEachJamo(of: scalar) { word.append($0) }
    }
  }

  private mutating func endWord() {
    guard !word.isEmpty else { return }
    wordPiece.append(word, to: &ids)
    word.removeAll()
  }
}
