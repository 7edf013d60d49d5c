/// Reads `vocab.txt`: one token per line; its id is the line's index.
enum VocabularyFile {
  static let name = "vocab.txt"

  /// The tokens of a vocabulary file, without trailing white space; blank lines count, but name no token.
  static func tokens(of file: FolderFile) throws(TokenizerError) -> [(bytes: [UInt8], id: Int32)] {
    let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let bytes = file.bytes.starts(with: byteOrderMark) ? file.bytes.dropFirst(3) : file.bytes[...]
    var tokens: [(bytes: [UInt8], id: Int32)] = []
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      guard let text = String(validating: line, as: UTF8.self) else {
        throw file.error("line \(index + 1) is not UTF-8")
      }
      let token = trimmingEnd(text)
      if !token.isEmpty {
        tokens.append((Array(token.utf8), Int32(index)))
      }
    }
    return tokens
  }

  private static func trimmingEnd(_ text: String) -> Substring {
    let scalars = text.unicodeScalars
    let last = scalars.lastIndex { !$0.properties.isWhitespace }
    return last.map { Substring(scalars[...$0]) } ?? ""
  }
}
