import DocumentFiles

extension SkippedLines {
  /// The number of lines, and the numbers of the first ones; nil if there are none.
  var report: String? {
    guard count > 0 else { return nil }
    let numbers = first.map(\.description) + (count > first.count ? ["…"] : [])
    return "\(count) bad \(count == 1 ? "line" : "lines") skipped: \(numbers.joined(separator: ", "))"
  }

  /// Reports the skipped lines of an input on standard error.
  func tell(of name: String) {
    if let report { Console.error("scimult: \(name): \(report)\n") }
  }
}
