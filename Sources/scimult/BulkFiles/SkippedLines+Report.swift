import DocumentFiles

extension SkippedLines {
  /// How many there are, and the numbers of the first ones; nil where there are none.
  var report: String? {
    guard count > 0 else { return nil }
    let numbers = first.map(\.description) + (count > first.count ? ["…"] : [])
    return "\(count) bad \(count == 1 ? "line" : "lines") skipped: \(numbers.joined(separator: ", "))"
  }

  /// Says so of an input on standard error.
  func tell(of name: String) {
    if let report { Console.error("scimult: \(name): \(report)\n") }
  }
}
