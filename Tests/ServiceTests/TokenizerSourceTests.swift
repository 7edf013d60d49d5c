import Checkpoint
import Foundation
import Service
import TestSupport
import Testing
import Tokenizer

/// The tokenizer's files in a model's folder. Anything other than a regular file is refused, rather than treated as
/// missing.
@Suite struct TokenizerSourceTests {
  /// A model folder in which something else replaces one file.
  private static func folder(
    replacing name: String, _ place: (_ path: String) throws -> Void
  ) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let names = ["config.json", "scimult.ckpt", "tokenizer_config.json", "vocab.txt"]
    try folder.copy(names.filter { $0 != name }, from: Fixtures.tinyExpert)
    try place(folder.file(name))
    return folder
  }

  private static func refusal(_ folder: TemporaryFolder) throws -> ModelError {
    try #require(throws: ModelError.self) { try DocumentReader(path: folder.path) }
  }

  @Test(arguments: TokenizerFiles.names)
  func aLinkThatLeadsNowhere(name: String) throws {
    let folder = try Self.folder(replacing: name) {
      try FileManager.default.createSymbolicLink(atPath: $0, withDestinationPath: "../blobs/0123")
    }
    let error = try Self.refusal(folder)
    #expect(error.file == folder.file(name))
    #expect(error.reason == "is a link to ../blobs/0123, which is not there: download the model again")
  }

  @Test func aFolderInPlaceOfTheFile() throws {
    let folder = try Self.folder(replacing: "vocab.txt") {
      try FileManager.default.createDirectory(atPath: $0, withIntermediateDirectories: false)
    }
    #expect(try Self.refusal(folder) == ModelError(file: folder.file("vocab.txt"), reason: "is a folder, not a file"))
  }

  @Test(
    arguments: ["vocab.txt", "tokenizer.json", "tokenizer_config.json"],
    [
      ("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 231508\n", "Git LFS"),
      ("<!DOCTYPE html><html></html>", "HTML"), ("\n <HTML lang=en>", "HTML"),
    ])
  func whatAFailedDownloadLeaves(name: String, content: (text: String, words: String)) throws {
    let folder = try Self.folder(replacing: name) { try Data(content.text.utf8).write(to: URL(filePath: $0)) }
    let error = try Self.refusal(folder)
    #expect(error.file == folder.file(name))
    #expect(error.reason.contains(content.words), "\(error.reason)")
  }
}
