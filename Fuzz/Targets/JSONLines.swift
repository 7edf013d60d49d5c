@testable import DocumentFiles
@testable import JSON

extension FuzzTarget {
  /// The commands' input. Each line is a document, an error or blank. No byte is lost. An id is passed on unchanged.
  static let jsonLines = FuzzTarget(name: "json-lines") { bytes in
    // The line count of a compressed input cannot be computed from its bytes.
    guard !bytes.starts(with: Inflater.magic) else { return }
    try withTemporaryFile(bytes) { path in
      guard let lines = try lineCount(path) else { return }
      let mark = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
      let feeds = bytes.count { $0 == UInt8(ascii: "\n") }
      let isOpen = bytes.dropFirst(mark).last.map { $0 != UInt8(ascii: "\n") } ?? false
      try promise(lines == feeds + (isOpen ? 1 : 0), "\(lines) lines")

      var file = try DocumentFile(path: path, format: .jsonl, skipBadLines: true)
      var documents: [InputDocument] = []
      do {
        while let document = try file.next() { documents.append(document) }
      } catch is InputError {
        return try promise(bytes.contains(0), "text of which reading ends early")
      }
      try promise(file.bytesRead == bytes.count, "\(file.bytesRead) bytes")
      try promise(documents.count + file.skippedLines.count <= lines, "\(documents.count) documents in \(lines) lines")
      let numbers = documents.map(\.line)
      try promise(numbers == Set(numbers).sorted(), "documents out of order")
      for document in documents {
        try promise(document.line <= lines && !file.skippedLines.first.contains(document.line), "line \(document.line)")
        try handsOn(document.id)
      }
    }
  }

  /// Returns nil for UTF-16.
  private static func lineCount(_ path: String) throws -> Int? {
    var reader = try LineReader(path: path)
    var count = 0
    while true {
      do {
        guard case .here(let line) = try reader.next() else { return count }
        try promise(!line.contains(UInt8(ascii: "\n")), "a line of two")
        count += 1
      } catch is InputError {
        return nil
      }
    }
  }

  private static func handsOn(_ id: JSONValue) throws {
    let line = #"{"id": \#(id.text), "text": ""}"#
    try promise(!line.utf8.contains(UInt8(ascii: "\n")), line)
    try withTemporaryFile(Array(line.utf8)) { path in
      var documents = try DocumentFile(path: path, format: .jsonl, skipBadLines: false)
      try promise(try documents.next()?.id.text == id.text, "\(line) has another id")
    }
  }
}
