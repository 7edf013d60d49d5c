import JSON

/// A token that is matched in the text before the text is split into words.
struct AddedToken: Sendable, Equatable {
  var content: String
  /// Whether the token is matched, after its own normalisation, in the normalised text; otherwise in the original text.
  var isNormalized: Bool
  /// Whether the token counts only if no letter, digit or mark is next to it.
  var isSingleWord = false
  /// Whether a file gives only the token's name, so that another file may give the rest.
  var saysNameOnly = false

  private init(content: String, isNormalized: Bool, isSingleWord: Bool = false, saysNameOnly: Bool = false) {
    self.content = content
    self.isNormalized = isNormalized
    self.isSingleWord = isSingleWord
    self.saysNameOnly = saysNameOnly
  }

  /// A special token that is given by its name alone.
  init(special content: String) {
    self.init(content: content, isNormalized: false, saysNameOnly: true)
  }

  /// A token of `added_tokens.json`, which contains only names and ids.
  init(listed content: String, isSpecial: Bool) {
    self.init(content: content, isNormalized: !isSpecial, saysNameOnly: true)
  }

  /// Reads a token: a text, or an object as in `tokenizer.json` and `added_tokens_decoder`.
  ///
  /// `lstrip` and `rstrip` change no id, because white space produces no tokens.
  /// - Parameters:
  ///   - isSpecial: whether an object without this member is a special token.
  init(_ entry: JSONValue, of key: String, isSpecial: Bool, in file: FolderFile) throws(TokenizerError) {
    if let content = entry.string {
      self.init(special: content)
      return
    }
    guard let content = entry["content"]?.string else {
      throw file.error("\(key): a token is a text, or an object with a text \"content\"")
    }
    let special = try file.flag("special", of: entry) ?? isSpecial
    self.init(
      content: content, isNormalized: try file.flag("normalized", of: entry) ?? !special,
      isSingleWord: try file.flag("single_word", of: entry) ?? false)
  }

  /// `String` treats canonically equivalent texts as equal; tokens differ by their scalars.
  static func == (a: AddedToken, b: AddedToken) -> Bool {
    Array(a.content.utf8) == Array(b.content.utf8) && a.isNormalized == b.isNormalized
      && a.isSingleWord == b.isSingleWord
  }
}
