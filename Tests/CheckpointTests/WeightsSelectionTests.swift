import Foundation
import Testing

@testable import Checkpoint

/// Which of a folder's files contain the weights: the files that transformers would read, or a SciMult checkpoint.
@Suite struct WeightsSelectionTests {
  private static let tensor = Python.tensor(key: "0", count: 1, shape: [1], strides: [1])

  private static func torch(_ value: Float) -> [UInt8] {
    TorchZipWriter(values: [value], shape: [1], strides: [1]).bytes
  }

  private static func scimult(_ value: Float) -> [UInt8] {
    TorchZipWriter(
      .dictionary([
        ("model_dict", .dictionary([("w", tensor)])), ("encoder_params", .dictionary([("use_moe", .bool(false))])),
      ]), storages: [("0", floatBytes([value]))]
    ).bytes
  }

  /// A folder in which the value of `w` shows which file was read.
  private static func folder(_ files: [(String, [UInt8])]) throws -> (TemporaryFolder, ModelFolder) {
    let root = try TemporaryFolder()
    for (name, bytes) in files { try root.write(name, bytes) }
    return (root, try ModelFolder(path: root.path))
  }

  private static let index = Array(#"{"weight_map": {"w": "shard.bin"}}"#.utf8)

  @Test(arguments: [
    ["model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"],
    ["model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"],
    ["pytorch_model.bin", "pytorch_model.bin.index.json"], ["pytorch_model.bin.index.json"],
  ])
  func transformersOrderIsKept(names: [String]) throws {
    let files = names.map { ($0, $0.hasSuffix(".json") ? Self.index : Self.torch($0 == names[0] ? 1 : 2)) }
    let (root, folder) = try Self.folder(files + [("shard.bin", Self.torch(names[0].hasSuffix(".json") ? 1 : 2))])
    let weights = try folder.openWeights()
    #expect(weights.path == root.path + "/" + names[0])
    #expect(try weights.readFloats("w") == [1])
    let read = names[0].hasSuffix(".json") ? "shard.bin" : names[0]
    #expect(weights.filePaths == [root.path + "/" + read])
  }

  @Test func aSciMultCheckpointComesFirst() throws {
    let (root, folder) = try Self.folder([
      ("a.ckpt", Self.scimult(1)), ("pytorch_model.bin", Self.torch(2)), ("model.safetensors", [0]),
      ("tf_model.h5", [0]), ("training_args.bin", [0]), ("optimizer.pt", [0]), ("vocab.txt", [0]), (".b.ckpt", [0]),
    ])
    let weights = try folder.openWeights()
    #expect(weights.path == root.path + "/a.ckpt")
    #expect(weights.format == .scimult)
    #expect(weights.filePaths == [weights.path])
  }

  @Test(arguments: ["model.safetensors", "pytorch_model.bin", "pytorch_model.bin.index.json"])
  func anotherCheckpointBesideWeightsIsAmbiguous(other: String) throws {
    let (root, folder) = try Self.folder([("last.ckpt", Self.torch(1)), (other, Self.torch(2))])
    let error = #expect(throws: ModelError.self) { try folder.openWeights() }
    #expect(
      error?.description.hasPrefix("\(root.path): last.ckpt and \(other) are both the weights of a model, keep one")
        == true)
  }

  @Test func aCheckpointThatCannotBeReadSaysWhatItHides() throws {
    let (root, folder) = try Self.folder([("last.ckpt", [1, 2, 3]), ("model.safetensors", [0])])
    let error = #expect(throws: ModelError.self) { try folder.openWeights() }
    #expect(error?.file == root.path + "/last.ckpt")
    #expect(error?.reason.hasSuffix("(or take last.ckpt out of the folder, for model.safetensors to be read)") == true)
  }

  @Test func aStateDictAloneIsRead() throws {
    let (root, folder) = try Self.folder([("last.ckpt", Self.torch(1))])
    #expect(try folder.openWeights().readFloats("w") == [1])
    withExtendedLifetime(root) {}
  }

  @Test(arguments: [
    ([], "has no weights: a *.ckpt, model.safetensors or pytorch_model.bin"),
    (["training_args.bin"], "has no weights"),
    (["b.ckpt", "a.ckpt"], "has several checkpoints, keep one: a.ckpt, b.ckpt"),
    (["tf_model.h5"], "tf_model.h5: is not read: save the model again with save_pretrained of transformers"),
    (["flax_model.msgpack", "tf_model.h5"], "flax_model.msgpack, tf_model.h5 are not read: save the model again"),
    (["model.onnx"], "model.onnx: is not read"), (["model.Q4_K_M.gguf"], "model.Q4_K_M.gguf: is not read"),
    (["bert_model.ckpt.data-00000-of-00001", "bert_model.ckpt.index"], "are not read: save the model again"),
    (["model.fp16.safetensors"], "model.fp16.safetensors: is not read: rename it model.safetensors or"),
    (["consolidated.safetensors"], "consolidated.safetensors: is not read: rename it"),
    (["adapter_model.safetensors"], "adapter_model.safetensors: is not read: it is an adapter, not a model: merge it"),
    (
      ["model-00001-of-00002.safetensors"],
      "is a shard, and the index that names all shards (….safetensors.index.json) is missing"
    ),
    (["pytorch_model-00001-of-00002.bin"], "is a shard, and the index that names all shards (….bin.index.json)"),
  ])
  func refusesFoldersWithoutOneAnswer(files: [String], reason: String) throws {
    let (root, folder) = try Self.folder(files.map { ($0, [0]) })
    let error = #expect(throws: ModelError.self) { try folder.openWeights() }
    #expect(error?.description.hasPrefix(root.path) == true)
    #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
  }

  @Test(arguments: [
    "models--a--b/blobs/c0ffee.incomplete", ".cache/huggingface/download/x.safetensors.c0ffee.incomplete",
  ])
  func namesAnUnfinishedDownload(file: String) throws {
    let root = try TemporaryFolder()
    try root.write("models--a--b/snapshots/1/config.json", [])
    try root.write(file.hasPrefix(".") ? "models--a--b/snapshots/1/" + file : file, [])
    let error = #expect(throws: ModelError.self) { try ModelFolder(path: root.path + "/models--a--b").openWeights() }
    #expect(error?.reason.hasPrefix("has no weights, its download is unfinished (") == true)
    #expect(error?.reason.contains("c0ffee.incomplete") == true)
  }

  @Test func aLinkToNowhereIsNotPassedOver() throws {
    let (root, folder) = try Self.folder([("pytorch_model.bin", Self.torch(1))])
    try FileManager.default.createSymbolicLink(
      atPath: root.path + "/model.safetensors", withDestinationPath: "../../blobs/1")
    let error = #expect(throws: ModelError.self) { try ModelFolder(path: folder.path).openWeights() }
    #expect(
      error?.description
        == "\(root.path)/model.safetensors: is a link to ../../blobs/1, which is not there: download the model again")
  }
}
