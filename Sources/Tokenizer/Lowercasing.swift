extension BertTokenizer {
  /// The text in lower case as Python's `str.lower()` has it: every scalar by its full mapping, and a capital sigma
  /// that ends a word becomes "ς".
  ///
  /// Unlike the normaliser's lowercasing, which knows no context, it is for texts before anything is tokenized.
  public static func lowercased(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    let scalars = text.unicodeScalars
    var index = scalars.startIndex
    var followsCased = false
    while index < scalars.endIndex {
      let scalar = scalars[index]
      let next = scalars.index(after: index)
      if scalar == capitalSigma {
        let isFinal = followsCased && !precedesCased(scalars[next...])
        result.unicodeScalars.append(isFinal ? "ς" : "σ")
      } else {
        result += scalar.properties.lowercaseMapping
      }
      // What is case-ignorable neither makes nor breaks the context (Unicode's Final_Sigma).
      if !scalar.properties.isCaseIgnorable { followsCased = scalar.properties.isCased }
      index = next
    }
    return result
  }

  private static let capitalSigma: Unicode.Scalar = "Σ"

  private static func precedesCased(_ rest: Substring.UnicodeScalarView) -> Bool {
    rest.first { !$0.properties.isCaseIgnorable }?.properties.isCased ?? false
  }
}
