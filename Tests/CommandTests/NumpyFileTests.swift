import Foundation
import TestSupport
import Testing

@testable import scimult

/// NumPy's format 1.0, read byte by byte.
@Suite struct NumpyFileTests {
  private struct Array2D {
    let header: String
    let values: [Float]
  }

  private static func read(_ path: String) throws -> Array2D {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    try #require(bytes.count >= 10)
    #expect(Array(bytes[..<6]) == [0x93] + Array("NUMPY".utf8))
    #expect(bytes[6] == 1 && bytes[7] == 0, "format 1.0")
    let headerBytes = Int(bytes[8]) | Int(bytes[9]) << 8
    #expect((10 + headerBytes).isMultiple(of: 64), "the values are aligned")
    try #require(bytes.count >= 10 + headerBytes)
    let header = String(decoding: bytes[10..<10 + headerBytes], as: UTF8.self)
    #expect(header.hasSuffix("\n"))
    let body = bytes[(10 + headerBytes)...]
    #expect(body.count.isMultiple(of: 4))
    let values = stride(from: body.startIndex, to: body.endIndex, by: 4).map { start in
      Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(body[start + $1]) << (8 * UInt32($1)) })
    }
    return Array2D(header: header.trimmingCharacters(in: .whitespacesAndNewlines), values: values)
  }

  @Test func theHeaderTellsTypeOrderAndShape() throws {
    let folder = try TemporaryFolder()
    let file = try NumpyFile(OutputFile(path: folder.file("m.npy")), columns: 3)
    try file.append([1, 2, 3])
    try file.append([-0.5, .leastNonzeroMagnitude, .greatestFiniteMagnitude])
    try file.finish()
    let array = try Self.read(folder.file("m.npy"))
    #expect(array.header == "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }")
    #expect(array.values == [1, 2, 3, -0.5, .leastNonzeroMagnitude, .greatestFiniteMagnitude])
    #expect(try folder.contents() == ["m.npy"])
  }

  @Test(arguments: [(0, 384), (1, 1), (20, 16_384)])
  func anyShapeFitsTheHeader(rows: Int, columns: Int) throws {
    let folder = try TemporaryFolder()
    let file = try NumpyFile(OutputFile(path: folder.file("m.npy")), columns: columns)
    let row = [Float](repeating: 7, count: columns)
    for _ in 0..<rows { try file.append(row) }
    try file.finish()
    let array = try Self.read(folder.file("m.npy"))
    #expect(array.header.contains("'shape': (\(rows), \(columns))"))
    #expect(array.values.count == rows * columns)
  }

  @Test func anUnfinishedFileIsRemoved() throws {
    let folder = try TemporaryFolder()
    var file: NumpyFile? = try NumpyFile(OutputFile(path: folder.file("m.npy")), columns: 1)
    try file?.append([1])
    file = nil
    #expect(try folder.contents().isEmpty)
  }
}
