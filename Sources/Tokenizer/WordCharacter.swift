/// The characters of words in `tokenizers`: `\w` of Unicode's regular expressions (UTS #18, annex C), in Unicode 16.
enum WordCharacter {
  static func contains(_ scalar: Unicode.Scalar) -> Bool {
    guard let age = scalar.properties.age, age.major <= 16 else { return false }
    return isWord(scalar)
  }

  private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: true
    default: scalar.properties.isAlphabetic || scalar.properties.isJoinControl
    }
  }
}
