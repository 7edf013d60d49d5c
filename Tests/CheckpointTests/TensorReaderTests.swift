import Foundation
import Testing

@testable import Checkpoint

@Suite struct TensorReaderTests {
  @Test func gathersAViewThatSpansManyChunks() throws {
    let (rows, columns) = (700, 900)
    let values = (0..<(rows * columns)).map { Float($0) }
    let file = TorchZipWriter(values: values, shape: [columns, rows], strides: [1, columns])
    let read = try openWeights(file.bytes).readFloats("w")
    #expect(read.indices.allSatisfy { read[$0] == values[($0 % rows) * columns + $0 / rows] })
  }

  @Test func gathersWideStridesAndAnOffset() throws {
    let values = (0..<400_000).map { Float($0) }
    let file = TorchZipWriter(values: values, shape: [3, 2], strides: [120_000, 70_000], offset: 1234)
    #expect(
      try openWeights(file.bytes).readFloats("w")
        == [1234, 71234, 121_234, 191_234, 241_234, 311_234])
  }

  @Test func namesTheTensorAndThePlaceOfANonFiniteValue() throws {
    var values = [Float](repeating: 1, count: 12)
    values[7] = .nan
    for (strides, place) in [([4, 1], "[1, 3]"), ([1, 3], "[1, 2]")] {
      try expectRefusal(
        TorchZipWriter(values: values, shape: [3, 4], strides: strides).bytes, entry: "w",
        reason: "holds nan at \(place)")
    }
  }

  @Test func ignoresNonFiniteValuesOutsideTheView() throws {
    let file = TorchZipWriter(values: [.nan, 1, .infinity, 2], shape: [2], strides: [2], offset: 1)
    #expect(try openWeights(file.bytes).readFloats("w") == [1, 2])
  }

  @Test(arguments: [[2, 2], [2], [0]])
  func verifiesTheChecksumOfWholeAndPartialViews(_ shape: [Int]) throws {
    let writer = TorchZipWriter(values: [1, 2, 3, 4], shape: shape, strides: shape.count == 2 ? [2, 1] : [2])
    var zip = writer.zip
    zip.members[2].statedChecksum = 0xdead_beef
    try expectRefusal(zip.bytes, entry: "data/0", reason: "the archive states deadbeef: it is corrupt")
  }

  @Test func verifiesAStorageOnceForAllItsViews() throws {
    let half = { (offset: Int) in Python.tensor(key: "0", count: 4, offset: offset, shape: [2], strides: [1]) }
    let writer = TorchZipWriter(
      .dictionary([("a", half(0)), ("b", half(2))]), storages: [("0", floatBytes([1, 2, 3, 4]))])
    let file = try openWeights(writer.bytes)
    #expect(try file.readFloats("a") == [1, 2])
    #expect(try file.readFloats("b") == [3, 4])
    #expect(try file.readFloats("a") == [1, 2])
  }

  @Test func refusesIntegersMissingTensorsAndWrongSizes() throws {
    let writer = TorchZipWriter(
      .dictionary([("ids", .tensor(key: "0", count: 2, shape: [2], strides: [1], storage: "LongStorage"))]),
      storages: [("0", [UInt8](repeating: 0, count: 16))])
    let file = try openWeights(writer.bytes)
    #expect(throws: ModelError(file: file.path, entry: "x", reason: "is missing")) { try file.readFloats("x") }
    let error = #expect(throws: ModelError.self) { try file.readFloats("ids") }
    #expect(error?.reason == "holds int64 elements, weights must be floating-point numbers")
    let pair = try openWeights(TorchZipWriter(values: [1, 2], shape: [2], strides: [1]).bytes)
    var three: [Float] = [0, 0, 0]
    #expect(throws: ModelError.self) {
      try three.withUnsafeMutableBufferPointer { try pair.readFloats("w", into: $0) }
    }
  }

  @Test func aFileThatShrinksIsAnError() throws {
    let folder = try TemporaryFolder()
    let bytes = TorchZipWriter(values: [1, 2, 3, 4], shape: [4], strides: [1]).bytes
    let file = try WeightsFile(path: try folder.write("weights", bytes))
    let handle = try #require(fopen(file.path, "r+"))
    #expect(ftruncate(fileno(handle), 40) == 0)
    fclose(handle)
    let error = #expect(throws: ModelError.self) { try file.readFloats("w") }
    #expect(error?.reason.contains("shrank while it was read") == true)
  }
}
