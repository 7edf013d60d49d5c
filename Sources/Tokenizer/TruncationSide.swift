/// The end at which a text that is too long loses tokens.
enum TruncationSide: String, Sendable {
  case left, right

  /// The side that a file names, whatever the case of its first letter; the right if it names none.
  init(_ name: String?, _ key: String, in file: FolderFile) throws(TokenizerError) {
    switch name {
    case "right", "Right", nil: self = .right
    case "left", "Left": self = .left
    case let name?: throw file.error("\(key) is \"\(name)\"; left or right is expected")
    }
  }
}
