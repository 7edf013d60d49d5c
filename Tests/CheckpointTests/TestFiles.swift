import Foundation
import Testing

@testable import Checkpoint

/// The committed fixtures.
enum Fixture {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Fixtures").standardized
  static let tinyExpert = folder.appending(path: "tiny-expert/scimult.ckpt").path

  static func checkpoint(_ name: String) -> String {
    folder.appending(path: "checkpoints/\(name)").path
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(filePath: checkpoint(name))))
  }
}

/// A folder that is removed with the last reference to it.
final class TemporaryFolder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "checkpoint-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Writes a file and returns its path.
  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = path + "/" + name
    try FileManager.default.createDirectory(
      atPath: URL(filePath: file).deletingLastPathComponent().path, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(filePath: file))
    return file
  }
}

/// Opens the bytes as a weights file. The open file outlives its folder.
func openWeights(_ bytes: [UInt8]) throws -> WeightsFile {
  let folder = try TemporaryFolder()
  return try WeightsFile(path: try folder.write("weights", bytes))
}

/// Expects that opening the bytes and reading all floating-point tensors throws `entry: reason`, and that the error's
/// reason contains `reason`.
func expectRefusal(
  _ bytes: [UInt8], entry: String?, reason: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let error = #expect(throws: ModelError.self, sourceLocation: sourceLocation) {
    let file = try openWeights(bytes)
    for (name, tensor) in file.tensors where tensor.elementType.isFloatingPoint {
      _ = try file.readFloats(name)
    }
  }
  #expect(error?.entry == entry, sourceLocation: sourceLocation)
  #expect(
    error?.reason.contains(reason) == true, "\(error?.description ?? "no error")", sourceLocation: sourceLocation)
}
