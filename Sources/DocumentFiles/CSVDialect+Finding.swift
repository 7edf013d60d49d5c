extension CSVDelimiter {
  /// The delimiter that splits a header into the most columns; the comma if there is only one column.
  /// - Parameters:
  ///   - bytes: the beginning of the file.
  ///   - isWhole: whether these are all bytes of the file.
  /// - Returns: nil if the bytes do not contain the header's end.
  static func found(inHeader bytes: Span<UInt8>, isWhole: Bool) -> CSVDelimiter? {
    var counts = [Int](repeating: 0, count: allCases.count)
    var isInQuotes = false
    var isBlank = true
    /// Whether a quote would open a field, or continue one.
    var canOpen = true
    for place in bytes.indices {
      let byte = bytes[place]
      if byte == CSVRecord.quote {
        (isInQuotes, canOpen) = (!isInQuotes && canOpen, isInQuotes)
      } else if !isInQuotes {
        if byte == UInt8(ascii: "\n") {
          if !isBlank { return most(counts) }
          counts = counts.map { _ in 0 }
        }
        let delimiter = allCases.firstIndex { $0.byte == byte }
        if let delimiter { counts[delimiter] += 1 }
        canOpen = delimiter != nil || byte == UInt8(ascii: "\n")
      }
      isBlank = isBlank && InputBuffer.isBlank(byte)
    }
    return isWhole ? most(counts) : nil
  }

  private static func most(_ counts: [Int]) -> CSVDelimiter {
    allCases[counts.firstIndex(of: counts.max() ?? 0) ?? 0]
  }
}

extension CSVQuotes {
  /// Chooses backslashes if some record is bad with doubled quotes and has a quote after a backslash, and all records
  /// are good with backslashes.
  /// - Parameters:
  ///   - bytes: records from the file's beginning.
  ///   - isWhole: whether the last record is complete; an incomplete one is ignored.
  static func found(in bytes: ArraySlice<UInt8>, delimiter: CSVDelimiter, isWhole: Bool) -> CSVQuotes {
    let needsBackslashes = !records(of: bytes, delimiter, .doubled, isWhole: isWhole) { !$0.needsBackslashes }
    guard needsBackslashes else { return .doubled }
    let areAllGood = records(of: bytes, delimiter, .backslash, isWhole: isWhole) { $0.reason == nil && !$0.isInQuotes }
    return areAllGood ? .backslash : .doubled
  }

  /// Whether all records satisfy a condition.
  private static func records(
    of bytes: ArraySlice<UInt8>, _ delimiter: CSVDelimiter, _ quotes: CSVQuotes, isWhole: Bool,
    satisfy isGood: (CSVRecordParser) -> Bool
  ) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      var parser = CSVRecordParser(delimiter: delimiter, quotes: quotes)
      let isComplete = parser.advance(over: rest.span)
      guard isComplete || isWhole else { return true }
      guard isGood(parser) else { return false }
      rest = rest.dropFirst(parser.position)
    }
    return true
  }
}
