/// A float32 matrix in NumPy's format 1.0, written row by row; the number of rows is written into the header at the
/// end.
final class NumpyFile {
  let file: OutputFile
  private let columns: Int
  private var rows: Int

  /// - Parameter rows: the number of rows that the file already has.
  init(_ file: OutputFile, columns: Int, rows: Int = 0) throws {
    (self.file, self.columns, self.rows) = (file, columns, rows)
    if file.count == 0 { try file.write(Self.header(rows: 0, columns: columns)) }
  }

  func append(_ row: [Float]) throws {
    precondition(row.count == columns)
    rows += 1
    try file.write(row.lazy.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init) })
  }

  /// Writes the number of rows.
  func complete() throws {
    try file.overwrite(Self.header(rows: rows, columns: columns), at: 0)
  }

  func finish() throws {
    try complete()
    try file.finish()
  }

  /// The header has 128 bytes for any number of rows.
  private static func header(rows: Int, columns: Int) -> [UInt8] {
    let dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(rows), \(columns)), }"
    let prefix: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0]
    let padding = String(repeating: " ", count: 128 - prefix.count - dictionary.utf8.count - 1)
    return prefix + Array((dictionary + padding + "\n").utf8)
  }
}
