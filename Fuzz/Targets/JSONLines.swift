@testable import DocumentFiles

extension FuzzTarget {
  /// The commands' input: every line is a document or a bad one, no byte is lost, and an id is handed on unchanged.
  static let jsonLines = FuzzTarget(name: "json-lines") { bytes in
    // Compressed ones have lines of their own.
    guard !bytes.starts(with: Inflater.magic) else { return }
    try withTemporaryFile(bytes) { path in
      let lines = try lineCount(path)
      let feeds = bytes.count { $0 == UInt8(ascii: "\n") }
      let isOpen = bytes.last.map { $0 != UInt8(ascii: "\n") } ?? false
      try promise(lines == feeds + (isOpen ? 1 : 0), "\(lines) lines")

      var documents = try DocumentFile(path: path, format: .jsonl, skipBadLines: true)
      var read = 0
      while let document = try documents.next() {
        read += 1
        try handsOn(document.id)
      }
      try promise(documents.bytesRead == bytes.count, "\(documents.bytesRead) bytes")
      try promise(read + documents.skippedLines == lines, "\(read) documents in \(lines) lines")
    }
  }

  private static func lineCount(_ path: String) throws -> Int {
    var reader = try LineReader(path: path)
    var count = 0
    while let line = try reader.next() {
      try promise(!line.contains(UInt8(ascii: "\n")), "a line of two")
      count += 1
    }
    return count
  }

  private static func handsOn(_ id: JSONValue) throws {
    let line = #"{"id": \#(id.text), "text": ""}"#
    try promise(!line.utf8.contains(UInt8(ascii: "\n")), line)
    try withTemporaryFile(Array(line.utf8)) { path in
      var documents = try DocumentFile(path: path, format: .jsonl, skipBadLines: false)
      try promise(try documents.next()?.id == id, "\(line) has another id")
    }
  }
}
