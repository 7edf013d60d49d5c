import Foundation
import Testing

@testable import Checkpoint

/// Folders of the Hugging Face hub's cache can be used in place of the models that they contain.
@Suite struct HubCacheTests {
  private static let repository = "hub/models--allenai--specter"

  private static func cache(_ snapshots: [String], main: String?) throws -> TemporaryFolder {
    let root = try TemporaryFolder()
    try root.write(repository + "/blobs/c0ffee", Array("{}".utf8))
    for snapshot in snapshots {
      try root.write("\(repository)/snapshots/\(snapshot)/vocab.txt", [])
      try FileManager.default.createSymbolicLink(
        atPath: "\(root.path)/\(repository)/snapshots/\(snapshot)/config.json",
        withDestinationPath: "../../blobs/c0ffee")
    }
    if let main { try root.write(repository + "/refs/main", Array(main.utf8)) }
    return root
  }

  @Test(arguments: [
    "", "/", "/snapshots", "/snapshots/", "/snapshots/0123abc", "/snapshots/0123abc/", "/snapshots/0123abc/.",
    "/snapshots/../snapshots", "/blobs/..",
  ])
  func everySpellingIsTheSameModel(suffix: String) throws {
    let root = try Self.cache(["0123abc", "ffff"], main: "0123abc\n")
    let folder = try ModelFolder(path: root.path + "/" + Self.repository + suffix)
    #expect(folder.name == "allenai/specter")
    #expect(try folder.data(of: "config.json") == Array("{}".utf8))
    #expect(folder.path.contains("0123abc"))
  }

  @Test func aSnapshotMayBeNamedWhateverTheReferenceSays() throws {
    let root = try Self.cache(["0123abc", "ffff"], main: "0123abc")
    let folder = try ModelFolder(path: root.path + "/" + Self.repository + "/snapshots/ffff")
    #expect(folder.name == "allenai/specter")
    #expect(folder.path.hasSuffix("/snapshots/ffff"))
  }

  @Test func theOnlySnapshotNeedsNoReference() throws {
    let root = try Self.cache(["0123abc"], main: nil)
    #expect(try ModelFolder(path: root.path + "/" + Self.repository).path.hasSuffix("/snapshots/0123abc"))
  }

  @Test func aNameOfOnesOwnIsKept() throws {
    let root = try Self.cache(["0123abc"], main: "0123abc")
    for (name, target, expected) in [
      ("mine", Self.repository + "/snapshots/0123abc", "mine"), ("whole", Self.repository, "allenai/specter"),
    ] {
      try FileManager.default.createSymbolicLink(
        atPath: root.path + "/" + name, withDestinationPath: root.path + "/" + target)
      #expect(try ModelFolder(path: root.path + "/" + name).name == expected)
      #expect(try ModelFolder(path: root.path + "/" + name).data(of: "config.json") != nil)
    }
  }

  @Test func aModelOfNoOwnerHasAPlainName() throws {
    let root = try TemporaryFolder()
    try root.write("models--bert-base-uncased/snapshots/1/config.json", Array("{}".utf8))
    #expect(try ModelFolder(path: root.path + "/models--bert-base-uncased").name == "bert-base-uncased")
  }

  @Test func refusesWhatIsNotOneModel() throws {
    func expect(
      _ path: String, in root: TemporaryFolder, _ expected: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
      let error = #expect(throws: ModelError.self, sourceLocation: sourceLocation) {
        try ModelFolder(path: root.path + "/" + path)
      }
      #expect(error?.description.hasPrefix(root.path) == true, sourceLocation: sourceLocation)
      #expect(error?.reason.contains(expected) == true, "\(String(describing: error))", sourceLocation: sourceLocation)
    }
    expect(
      Self.repository, in: try Self.cache(["a", "b"], main: nil),
      "holds several snapshots, and refs/main is not there; name one: a, b")
    expect(Self.repository, in: try Self.cache(["a", "b"], main: "c"), "names the snapshot c, which is not there")
    for main in ["", "../../..", "a b", "/etc", ".", "a/b", "\u{0}"] {
      expect(Self.repository, in: try Self.cache(["a"], main: main), "does not hold the name of a snapshot")
    }
    expect(Self.repository, in: try Self.cache([], main: nil), "without snapshots")
    expect("hub", in: try Self.cache(["a"], main: "a"), "name one in it: models--allenai--specter")
    let others = try TemporaryFolder()
    try others.write("datasets--a--b/snapshots/1/data.json", [])
    try others.write("spaces--a--b/snapshots/1/app.py", [])
    expect("datasets--a--b", in: others, "is a data set of the Hugging Face hub, not a model")
    expect("spaces--a--b/", in: others, "is a space of the Hugging Face hub, not a model")
  }

  @Test func aFolderThatOnlyHasSuchANameIsAModel() throws {
    let root = try TemporaryFolder()
    try root.write("models--a--b/config.json", Array("{}".utf8))
    let folder = try ModelFolder(path: root.path + "/models--a--b")
    #expect(folder.path == root.path + "/models--a--b")
    #expect(folder.name == "models--a--b")
  }
}
