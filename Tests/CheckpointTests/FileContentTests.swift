import Foundation
import Testing

@testable import Checkpoint

@Suite struct FileContentTests {
  @Test(arguments: [
    ("", "is empty"),
    ("version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 9\n", "is a Git LFS pointer"),
    ("<!DOCTYPE html><html>Not found</html>", "is an HTML or XML page"),
    ("\u{feff}\r\n  <HTML>", "is an HTML or XML page"),
    ("<?xml version=\"1.0\"?><Error/>", "is an HTML or XML page"),
    (#"{"error": "gone"}"#, "is JSON text"),
    ("L119547037146038801333356L\n.", "is a file of torch.save with pickle protocol 0 or 1"),
    ("GGUF\u{3}\u{0}\u{0}\u{0}", "is a GGUF file"),
    ("hello", "is of no known format"),
    ("PK\u{3}\u{4}", "the zip directory at its end is missing: the file is truncated"),
  ])
  func saysWhatAFileIsInstead(text: String, reason: String) throws {
    try expectRefusal(Array(text.utf8), entry: nil, reason: reason)
  }

  @Test func saysHowToSaveATarFileAgain() throws {
    let tar = [UInt8](repeating: 0, count: 257) + Array("ustar".utf8)
    try expectRefusal(
      tar, entry: nil, reason: "is a tar file, as torch wrote before version 0.2; save it again: torch.save(")
    try expectRefusal(Python.none.pickle, entry: nil, reason: "is a bare pickle")
  }

  @Test func refusesWhatIsNotARegularFile() throws {
    let folder = try TemporaryFolder()
    #expect(throws: ModelError(file: folder.path, reason: "is not a regular file")) {
      try WeightsFile(path: folder.path)
    }
    let absent = folder.path + "/absent"
    #expect(throws: ModelError(file: absent, reason: "does not exist")) { try WeightsFile(path: absent) }
    let fifo = folder.path + "/fifo"
    #expect(mkfifo(fifo, 0o600) == 0)
    #expect(throws: ModelError(file: fifo, reason: "is not a regular file")) { try WeightsFile(path: fifo) }
  }
}
