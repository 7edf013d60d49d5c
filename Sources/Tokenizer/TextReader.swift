/// Converts one text to token ids, from its first byte and only as far as needed.
struct TextReader {
  private let wordPiece: WordPiece
  private let phase: TextPhase
  private var word: WordBuffer
  /// No added token is searched before this position.
  private var nextMatch = 0
  private(set) var window: TokenWindow

  init(_ wordPiece: WordPiece, _ phase: TextPhase, window: TokenWindow) {
    self.wordPiece = wordPiece
    self.phase = phase
    self.window = window
    word = WordBuffer(maxCharacters: wordPiece.maxCharactersPerWord)
  }

  /// Reads the text until it ends or the window is full.
  mutating func read(_ text: Span<UInt8>) {
    nextMatch = 0
    var position = 0
    while position < text.count && !window.isFull {
      let letter = phase.asciiLetters[Int(text[position])]
      if letter != 0 {
        word.append(ascii: letter)
        position += 1
      } else {
        position = readOther(text, at: position)
      }
    }
    endWord()
  }

  /// Appends the token that stands between two reads of text.
  mutating func append(_ token: Int32) {
    window.append { $0.append(token) }
  }

  /// Reads an added token, or a scalar other than an ASCII letter or digit, and returns its end.
  private mutating func readOther(_ text: Span<UInt8>, at position: Int) -> Int {
    if phase.addedTokens.mayStart(with: text[position]), position >= nextMatch {
      switch phase.addedTokens.match(in: text, at: position) {
      case .token(let token, let end):
        endWord()
        append(token)
        return end
      case .withinWord(let end): nextMatch = end
      case nil: break
      }
    }
    let (scalar, width) = UTF8Scalar.decode(text, at: position)
    apply(phase.table.action(for: scalar), to: scalar)
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
      for part in phase.table.parts(of: action) {
        apply(part, to: scalar)
      }
    case .hangul:
      HangulSyllable.forEachJamo(of: scalar) { word.append($0) }
    }
  }

  private mutating func endWord() {
    guard !word.isEmpty else { return }
    window.append { wordPiece.append(word, to: &$0) }
    word.removeAll()
  }
}
