import Digest

extension TokenizerFolder {
  /// SHA-256 over everything that determines a text's ids: equal for files with the same meaning in different forms.
  var identity: [UInt8] {
    var hasher = SHA256()
    func add(_ bytes: some Sequence<UInt8>) {
      let bytes = Array(bytes)
      withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { hasher.update($0) }
      hasher.update(bytes)
    }
    func add(_ text: String) { add(text.utf8) }
    for token in tokens.sorted(by: { $0.id < $1.id }) {
      add(token.bytes)
      add(String(token.id))
    }
    for added in addedTokens.sorted(by: { $0.id < $1.id }) {
      add(added.token.content)
      add("added \(added.id) \(added.token.isNormalized) \(added.token.isSingleWord)")
    }
    let normalizer = normalizer.canonical
    add(
      "normalizer \(normalizer.lowercasesFirst) \(normalizer.cleansText) \(normalizer.isolatesIdeographs) "
        + "\(normalizer.stripsAccents) \(normalizer.lowercases)")
    add(unknownToken)
    add(continuationPrefix)
    add(separator)
    add(
      "\(maxCharactersPerWord) \(classificationToken) \(separatorToken) "
        + "\(truncationSide == .left ? "left" : "right") \(hasTokenTypes)")
    return hasher.finalize()
  }
}
