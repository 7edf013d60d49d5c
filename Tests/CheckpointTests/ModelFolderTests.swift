import Foundation
import Testing

@testable import Checkpoint

@Suite struct ModelFolderTests {
  private static func folder(_ files: [String]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for file in files {
      try folder.write(file, Array("{}".utf8))
    }
    return folder
  }

  @Test(arguments: [
    (["a.ckpt", "model.safetensors", "pytorch_model.bin"], "a.ckpt"),
    (["model.safetensors", "pytorch_model.bin", ".hidden.ckpt"], "model.safetensors"),
    (["pytorch_model.bin", "pytorch_model.bin.index.json"], "pytorch_model.bin"),
  ])
  func choosesTheWeights(files: [String], weights: String) throws {
    let folder = try Self.folder(files + ["config.json"])
    #expect(try ModelFolder(path: folder.path).weightsPath == folder.path + "/" + weights)
  }

  @Test(arguments: [
    (["config.json"], "has no weights"), (["model.safetensors"], "has no config.json"),
    (["config.json", "b.ckpt", "a.ckpt"], "has several checkpoints, keep one: a.ckpt, b.ckpt"),
    (["config.json", "model.safetensors.index.json"], "the weights are sharded"),
    (["config.json", "pytorch_model.bin.index.json"], "the weights are sharded"),
  ])
  func refusesFoldersWithoutOneAnswer(files: [String], reason: String) throws {
    let folder = try Self.folder(files)
    let error = #expect(throws: ModelError.self) { try ModelFolder(path: folder.path) }
    #expect(error?.reason.contains(reason) == true)
  }

  @Test func refusesWhatIsNotAFolder() throws {
    let folder = try Self.folder(["file"])
    let file = folder.path + "/file"
    #expect(throws: ModelError.self) { try ModelFolder(path: file) }
    let absent = folder.path + "/absent"
    #expect(throws: ModelError(file: absent, reason: "does not exist")) { try ModelFolder(path: absent) }
    #expect(throws: ModelError.self) { try ModelFolder(path: "") }
  }

  @Test func theNameIsTheFoldersOwn() throws {
    let root = try Self.folder(["my-model/config.json", "my-model/a.ckpt", "my-model/inside/x"])
    for suffix in ["my-model", "my-model/", "my-model//", "my-model/.", "my-model/inside/.."] {
      #expect(try ModelFolder(path: root.path + "/" + suffix).name == "my-model")
    }
    let plain = try ModelFolder(path: root.path + "/my-model//")
    #expect(plain.path == root.path + "/my-model")
    #expect(plain.weightsPath == root.path + "/my-model/a.ckpt")
  }

  @Test func readsFilesWithinTheFolderAndALimit() throws {
    let root = try Self.folder(["config.json", "a.ckpt", "1_Pooling/config.json"])
    let folder = try ModelFolder(path: root.path)
    #expect(try folder.data(of: "1_Pooling/config.json") == Data("{}".utf8))
    #expect(try folder.data(of: "absent.json") == nil)
    #expect(try folder.data(of: "absent/config.json") == nil)
    #expect(throws: ModelError.self) { try folder.data(of: "config.json", maxBytes: 1) }
    #expect(throws: ModelError.self) { try folder.data(of: "1_Pooling") }
    for path in ["../x", "/etc/passwd", "a/../../x", "", ".", "a//b", "a\u{0}b"] {
      let error = #expect(throws: ModelError.self) { try folder.data(of: path) }
      #expect(error?.reason == "is not a path inside the model's folder")
    }
  }

  @Test func refusesPointersInPlaceOfFiles() throws {
    let root = try Self.folder(["config.json", "a.ckpt"])
    try root.write("vocab.txt", Array("version https://git-lfs.github.com/spec/v1\n".utf8))
    let error = #expect(throws: ModelError.self) { try ModelFolder(path: root.path).data(of: "vocab.txt") }
    #expect(error?.description.hasPrefix(root.path + "/vocab.txt: is a Git LFS pointer") == true)
  }
}
