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
    #expect(plain.fileNames == ["a.ckpt", "config.json", "inside"])
  }

  @Test func readsFilesWithinTheFolderAndALimit() throws {
    let root = try Self.folder(["config.json", "a.ckpt", "1_Pooling/config.json"])
    let folder = try ModelFolder(path: root.path)
    #expect(try folder.data(of: "1_Pooling/config.json") == Array("{}".utf8))
    #expect(try folder.data(of: "absent.json") == nil)
    #expect(try folder.data(of: "absent/config.json") == nil)
    #expect(throws: ModelError.self) { try folder.data(of: "config.json", maxBytes: 1) }
    #expect(throws: ModelError.self) { try folder.data(of: "1_Pooling") }
    #expect(throws: ModelError.self) { try folder.data(of: "config.json/x") }
    for path in ["../x", "/etc/passwd", "a/../../x", "1_Pooling/..", "", ".", "a\u{0}b"] {
      let error = #expect(throws: ModelError.self) { try folder.data(of: path) }
      #expect(error?.reason == "is not a path inside the model's folder")
      #expect(!folder.contains(path))
    }
  }

  @Test(arguments: ["./1_Pooling/config.json", "1_Pooling//config.json", "./1_Pooling/./config.json"])
  func takesPathsAsModulesAreNamed(path: String) throws {
    let root = try Self.folder(["1_Pooling/config.json"])
    let folder = try ModelFolder(path: root.path)
    #expect(try folder.data(of: path) == Array("{}".utf8))
    #expect(folder.contains(path))
    #expect(folder.path(of: path) == root.path + "/1_Pooling/config.json")
    for suffix in ["1_Pooling/", "./1_Pooling", "1_Pooling"] {
      #expect(try folder.subfolder(suffix).data(of: "config.json") == Array("{}".utf8))
    }
  }

  @Test func aSubfolderIsAPartOfTheSameModel() throws {
    let root = try Self.folder(["m/modules.json", "m/0_BERT/config.json", "m/0_BERT/vocab.txt"])
    let folder = try ModelFolder(path: root.path + "/m")
    let module = try folder.subfolder("0_BERT/")
    #expect(module.name == "m")
    #expect(module.path == root.path + "/m/0_BERT")
    #expect(module.fileNames == ["config.json", "vocab.txt"])
    for path in ["", ".", "./"] { #expect(try folder.subfolder(path).path == folder.path) }
    for (path, reason) in [
      ("absent", "does not exist"), ("modules.json", "is not a folder"),
      ("..", "is not a path inside the model's folder"),
      ("/", "is not a path inside the model's folder"),
    ] {
      let error = #expect(throws: ModelError.self) { try folder.subfolder(path) }
      #expect(error?.reason == reason)
    }
  }

  @Test func readsJSON() throws {
    let root = try TemporaryFolder()
    try root.write("config.json", Array(#"{"hidden_size": 64}"#.utf8))
    try root.write("modules.json", Array(#"[{"path": "1_Pooling"}]"#.utf8))
    let folder = try ModelFolder(path: root.path)
    #expect(try folder.json("config.json")?.int("hidden_size", in: 1...99) == 64)
    #expect(try folder.jsonList("./modules.json")?.first?.string("path") == "1_Pooling")
    #expect(try folder.json("absent.json") == nil)
    #expect(try folder.jsonList("absent.json") == nil)
    let error = #expect(throws: ModelError.self) { try folder.json("modules.json") }
    #expect(error?.description == root.path + "/modules.json: is an array, not a JSON object")
  }

  @Test func aLinkToNowhereIsNotAbsent() throws {
    let root = try Self.folder(["config.json", "blobs/x.incomplete"])
    func link(_ name: String, to target: String) throws {
      try FileManager.default.createSymbolicLink(atPath: root.path + "/" + name, withDestinationPath: target)
    }
    try link("modules.json", to: "../../blobs/abc")
    try link("1_Pooling", to: "nowhere")
    try link("vocab.txt", to: "blobs/x")
    try link("loop", to: "loop")
    let folder = try ModelFolder(path: root.path)
    for (path, expected) in [
      ("modules.json", "modules.json: is a link to ../../blobs/abc, which is not there: download the model again"),
      ("1_Pooling/config.json", "1_Pooling: is a link to nowhere, which is not there: download the model again"),
      ("vocab.txt", "vocab.txt: is a link to blobs/x, which is not there (its download is unfinished): "),
      ("loop", "loop: is a link that leads back to itself"),
    ] {
      let error = #expect(throws: ModelError.self) { try folder.data(of: path) }
      #expect(error?.description.hasPrefix(root.path + "/" + expected) == true, "\(String(describing: error))")
      #expect(folder.contains(path))
    }
    #expect(throws: ModelError.self) { try folder.subfolder("1_Pooling") }
    try link("gone", to: "nothing")
    let error = #expect(throws: ModelError.self) { try ModelFolder(path: root.path + "/gone") }
    #expect(error?.reason.hasPrefix("is a link to nothing, which is not there") == true)
  }

  @Test func refusesPointersInPlaceOfFiles() throws {
    let root = try Self.folder(["config.json", "a.ckpt"])
    try root.write("vocab.txt", Array("version https://git-lfs.github.com/spec/v1\n".utf8))
    let error = #expect(throws: ModelError.self) { try ModelFolder(path: root.path).data(of: "vocab.txt") }
    #expect(error?.description.hasPrefix(root.path + "/vocab.txt: is a Git LFS pointer") == true)
  }
}
