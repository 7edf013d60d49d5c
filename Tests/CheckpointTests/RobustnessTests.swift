import Foundation
import Testing

@testable import Checkpoint

/// Damaged files are either refused or read, and never cause a crash.
@Suite struct RobustnessTests {
  static let files = ["plain.bin", "strided.bin", "half.bin", "omegaconf_nested.ckpt", "model.safetensors"]

  /// Opens a file and reads all readable tensors. Only a `ModelError` may be thrown.
  private func open(_ bytes: [UInt8], in folder: TemporaryFolder) throws(ModelError) {
    let path: String
    do { path = try folder.write("damaged", bytes) } catch { preconditionFailure("\(error)") }
    let file = try WeightsFile(path: path)
    for (name, tensor) in file.tensors where tensor.elementType.isFloatingPoint {
      _ = try file.readFloats(name)
    }
  }

  @Test(arguments: files)
  func refusesATruncatedFile(_ name: String) throws {
    let folder = try TemporaryFolder()
    let bytes = try Fixture.bytes(name)
    for percent in 0..<100 {
      #expect(throws: ModelError.self) { try open(Array(bytes.prefix(bytes.count * percent / 100)), in: folder) }
    }
    #expect(throws: ModelError.self) { try open(bytes.dropLast(), in: folder) }
  }

  @Test(arguments: files)
  func survivesFlippedBytes(_ name: String) throws {
    let folder = try TemporaryFolder()
    let original = try Fixture.bytes(name)
    var generator = SplitMix(state: 20_230_524)
    for _ in 0..<1000 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = .random(in: 0...255, using: &generator)
      }
      try? open(bytes, in: folder)
    }
  }

  /// The zip's checksum detects most damage to the pickle, so this test passes damaged pickles directly to their
  /// reader.
  @Test(arguments: ["half.bin", "omegaconf_nested.ckpt", "omegaconf_protocol4.ckpt"])
  func survivesFlippedBytesInThePickle(_ name: String) throws {
    let archive = try ZipArchive(file: try RandomAccessFile(path: Fixture.checkpoint(name)))
    let members = try archive.entries.map { entry in
      ZipWriter.Member(name: entry.key, bytes: try archive.read(entry.value, bytesMax: 1 << 20))
    }
    let pickle = try #require(members.firstIndex { $0.name.hasSuffix("/data.pkl") })
    let folder = try TemporaryFolder()
    var generator = SplitMix(state: 42)
    for _ in 0..<2000 {
      var zip = ZipWriter(members: members)
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let place = Int.random(in: 0..<zip.members[pickle].bytes.count, using: &generator)
        zip.members[pickle].bytes[place] = .random(in: 0...255, using: &generator)
      }
      try? open(zip.bytes, in: folder)
    }
  }
}

/// The SplitMix64 generator: the same numbers in every run.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }
}
