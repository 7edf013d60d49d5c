import Foundation
import Testing

@testable import Checkpoint

/// Weights in several files that are listed in an index.
@Suite struct ShardIndexTests {
  private static func safetensors(_ tensors: [(String, Float)]) -> [UInt8] {
    let records = tensors.enumerated().map { index, tensor in
      #""\#(tensor.0)":{"dtype":"F32","shape":[1],"data_offsets":[\#(4 * index),\#(4 * index + 4)]}"#
    }
    let header = Array("{\(records.joined(separator: ","))}".utf8)
    return littleEndian(UInt64(header.count), 8) + header + floatBytes(tensors.map(\.1))
  }

  private static func folder(
    map: String, shards: [(String, [UInt8])], name: String = "model.safetensors.index.json"
  ) throws -> (TemporaryFolder, ModelFolder) {
    let root = try TemporaryFolder()
    try root.write(name, Array(#"{"metadata": {"total_size": 8}, "weight_map": \#(map)}"#.utf8))
    for (name, bytes) in shards { try root.write(name, bytes) }
    return (root, try ModelFolder(path: root.path))
  }

  private static let one = ("1.safetensors", safetensors([("a", 1)]))
  private static let two = ("2.safetensors", safetensors([("b", 2), ("c", 3)]))

  @Test func readsTensorsFromTheirShards() throws {
    let map = #"{"a": "1.safetensors", "b": "2.safetensors", "c": "./2.safetensors"}"#
    let (root, folder) = try Self.folder(map: map, shards: [Self.one, Self.two])
    let weights = try folder.openWeights()
    #expect(weights.format == .safetensors)
    #expect(weights.path == root.path + "/model.safetensors.index.json")
    #expect(weights.filePaths == [root.path + "/1.safetensors", root.path + "/2.safetensors"])
    #expect(weights.byteCount == Self.one.1.count + Self.two.1.count)
    for (name, value) in [("a", Float(1)), ("b", 2), ("c", 3)] { #expect(try weights.readFloats(name) == [value]) }
    #expect(weights.path(of: "b") == root.path + "/2.safetensors")
    #expect(weights.path(of: "z") == weights.path)
    #expect(weights.filePaths == [root.path + "/1.safetensors", root.path + "/2.safetensors"])
  }

  @Test func readsTorchShards() throws {
    let (root, folder) = try Self.folder(
      map: #"{"a": "1.bin", "w": "2.bin"}"#,
      shards: [
        (
          "1.bin",
          TorchZipWriter(
            .dictionary([("a", .tensor(key: "0", count: 1, shape: [1], strides: [1]))]),
            storages: [("0", floatBytes([5]))]
          ).bytes
        ),
        ("2.bin", LegacyTorchWriter(values: [6]).bytes),
      ], name: "pytorch_model.bin.index.json")
    let weights = try folder.openWeights()
    #expect(weights.format == .torchStateDict)
    #expect(try weights.readFloats("a") == [5])
    #expect(try weights.readFloats("w") == [6])
    withExtendedLifetime(root) {}
  }

  @Test func errorsOfReadingNameTheShard() throws {
    let (root, folder) = try Self.folder(
      map: #"{"a": "1.safetensors", "b": "2.safetensors"}"#,
      shards: [Self.one, ("2.safetensors", Self.safetensors([("b", .nan)]))])
    let weights = try folder.openWeights()
    let error = #expect(throws: ModelError.self) { try weights.readFloats("b") }
    #expect(error?.file == root.path + "/2.safetensors")
    #expect(error?.entry == "b")
  }

  /// transformers, too, reads every tensor of every shard.
  @Test func tensorsThatTheIndexDoesNotNameAreRead() throws {
    let (root, folder) = try Self.folder(
      map: #"{"a": "1.safetensors", "b": "2.safetensors"}"#, shards: [Self.one, Self.two])
    #expect(try folder.openWeights().tensors.keys.sorted() == ["a", "b", "c"])
    withExtendedLifetime(root) {}
  }

  @Test(arguments: [
    (#"{"a": "1.safetensors", "b": "3.safetensors"}"#, "3.safetensors: is missing, a shard that "),
    (#"{"a": "1.safetensors", "b": "1.safetensors"}"#, "1.safetensors: b: the tensor is missing, and "),
    (#"{"a": "1.safetensors", "b": "2.safetensors", "x": "twice.safetensors"}"#, "the tensor is in "),
    (#"{"a": "../1.safetensors"}"#, #"weight_map.a: "../1.safetensors" is not a path inside the model's folder"#),
    (#"{"a": "/1.safetensors"}"#, "is not a path inside the model's folder"),
    (#"{"a": ""}"#, "is not a path inside the model's folder"), (#"{"a": "x/"}"#, "is not a path inside"),
    (#"{"a": "."}"#, "is not a path inside"), (#"{"a": 1}"#, "weight_map.a: is a number, not a file's name"),
    (#"{"a": null}"#, "weight_map.a: is null, not a file's name"), ("{}", "weight_map: names no tensors"),
    ("null", "weight_map: is missing"), ("[]", "weight_map: is an array, not an object"),
    (#"{"a": "1.safetensors", "a": "2.safetensors"}"#, "weight_map.a: is there twice"),
    (#"{"a": "scimult.ckpt.bin"}"#, "is missing"), (#"{"a": "text.bin"}"#, "text.bin: is of no known format"),
  ])
  func refusesAnIndexThatDisagreesWithTheShards(map: String, reason: String) throws {
    let (root, folder) = try Self.folder(
      map: map,
      shards: [
        Self.one, Self.two, ("twice.safetensors", Self.safetensors([("x", 1), ("a", 2)])), ("text.bin", [1, 2]),
      ])
    let error = #expect(throws: ModelError.self) { try folder.openWeights() }
    #expect(error?.description.hasPrefix(root.path) == true)
    #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
  }

  @Test func refusesMoreShardsThanFilesMayBeOpen() throws {
    let map = (0...ShardIndex.shardCountMax).map { #""t\#($0)": "\#($0).bin""# }.joined(separator: ",")
    let (root, folder) = try Self.folder(map: "{\(map)}", shards: [])
    let error = #expect(throws: ModelError.self) { try folder.openWeights() }
    #expect(error?.reason == "names 257 files, at most 256 are read")
    withExtendedLifetime(root) {}
  }

  @Test func aShardThatIsALinkToNowhereIsNamed() throws {
    let (root, folder) = try Self.folder(map: #"{"a": "1.safetensors"}"#, shards: [])
    try FileManager.default.createSymbolicLink(
      atPath: root.path + "/1.safetensors", withDestinationPath: "../../blobs/2")
    let error = #expect(throws: ModelError.self) { try folder.openWeights() }
    #expect(
      error?.description
        == "\(root.path)/1.safetensors: is a link to ../../blobs/2, which is not there: download the model again")
  }
}
