/// Why a model is refused, in one line: `file: entry: reason`.
///
/// Entry and reason may quote a hostile file. Control characters are therefore escaped, and both are cut to a length
/// that fits a log line.
public struct ModelError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file (or folder) as the user named it.
  public let file: String
  /// The part of the file that is wrong: a tensor, a zip entry, a configuration key; nil for the whole file.
  public let entry: String?
  /// What is wrong and, if possible, what to do.
  public let reason: String

  private static let entryLengthMax = 200
  private static let reasonLengthMax = 600

  /// An error about a file, or about an entry in it.
  public init(file: String, entry: String? = nil, reason: String) {
    self.file = Self.singleLine(file, lengthMax: Int(Int16.max))
    self.entry = entry.map { Self.singleLine($0, lengthMax: Self.entryLengthMax) }
    self.reason = Self.singleLine(reason, lengthMax: Self.reasonLengthMax)
  }

  public var description: String {
    guard let entry else { return "\(file): \(reason)" }
    return "\(file): \(entry): \(reason)"
  }

  private static func singleLine(_ text: String, lengthMax: Int) -> String {
    var line = ""
    for (index, scalar) in text.unicodeScalars.enumerated() {
      if index == lengthMax {
        line += "…"
        break
      }
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator:
        line += "\\u{\(String(scalar.value, radix: 16))}"
      default:
        line.unicodeScalars.append(scalar)
      }
    }
    return line
  }
}
