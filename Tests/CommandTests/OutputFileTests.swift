import Foundation
import TestSupport
import Testing

@testable import scimult

/// A file that appears complete or not at all.
@Suite struct OutputFileTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: folder.file(name), encoding: .utf8)
  }

  @Test func theFileAppearsWhenItIsComplete() throws {
    let file = try OutputFile(path: folder.file("out.jsonl"))
    try file.write("one\n".utf8)
    try file.flush()
    #expect(try !folder.contents().contains("out.jsonl"))
    try file.write("two\n".utf8)
    try file.finish()
    #expect(try folder.contents() == ["out.jsonl"])
    #expect(try text("out.jsonl") == "one\ntwo\n")
  }

  @Test func anUnfinishedFileIsRemoved() throws {
    var file: OutputFile? = try OutputFile(path: folder.file("out.jsonl"))
    try file?.write("half".utf8)
    try file?.flush()
    file = nil
    #expect(try folder.contents().isEmpty)
  }

  @Test func anOlderFileStaysUntilTheNewOneIsComplete() throws {
    try folder.write("out.jsonl", "old")
    var failed: OutputFile? = try OutputFile(path: folder.file("out.jsonl"))
    try failed?.write("new".utf8)
    failed = nil
    #expect(try text("out.jsonl") == "old")
    let file = try OutputFile(path: folder.file("out.jsonl"))
    try file.write("new".utf8)
    try file.finish()
    #expect(try text("out.jsonl") == "new")
    #expect(try folder.contents() == ["out.jsonl"])
  }

  @Test func aLargeFileIsWhole() throws {
    let file = try OutputFile(path: folder.file("large"))
    let line = String(repeating: "x", count: 999) + "\n"
    for _ in 0..<1_000 { try file.write(line.utf8) }
    try file.overwrite(Array("start".utf8), at: 0)
    try file.finish()
    let text = try text("large")
    #expect(text.utf8.count == 1_000_000 && text.hasPrefix("startxxx"))
  }

  @Test func aDeviceIsWrittenInPlace() throws {
    let file = try OutputFile(path: "/dev/null")
    try file.write("x".utf8)
    try file.finish()
    #expect(FileManager.default.fileExists(atPath: "/dev/null"))
  }

  @Test func aFullDeviceIsAFailureThatNamesIt() throws {
    let file = try OutputFile(path: "/dev/full")
    try file.write("x".utf8)
    let failure = try #require(throws: Failure.self) { try file.finish() }
    #expect(failure.description.contains("/dev/full"))
  }

  @Test func aFolderThatIsNotThereIsNamed() throws {
    let failure = try #require(throws: Failure.self) { _ = try OutputFile(path: folder.file("no/out.npy")) }
    #expect(failure.description.hasPrefix(folder.file("no/out.npy")))
  }

  @Test func aFolderIsNoOutput() throws {
    #expect(throws: Failure.self) { _ = try OutputFile(path: folder.path) }
  }

  @Test func theTargetOfALinkIsWritten() throws {
    try FileManager.default.createDirectory(atPath: folder.file("there"), withIntermediateDirectories: false)
    try link("first", to: "second")
    try link("second", to: "there/out.jsonl")
    for content in ["new", "newer"] {
      let file = try OutputFile(path: folder.file("first"))
      try file.write(content.utf8)
      try file.finish()
      #expect(try text("there/out.jsonl") == content)
    }
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.file("first")) == "second")
  }

  @Test func linksThatLeadNowhereAreRefused() throws {
    try link("loop", to: "loop")
    try link("gone", to: "no/out.jsonl")
    for name in ["loop", "gone"] {
      #expect(throws: Failure.self) { _ = try OutputFile(path: folder.file(name)) }
      #expect(throws: Failure.self) { _ = try OutputFile(path: folder.file(name), keeping: 0) }
    }
    #expect(try folder.contents().sorted() == ["gone", "loop"])
  }

  private func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: folder.file(name), withDestinationPath: target)
  }

  @Test func partialFilesOfDeadProcessesAreRemoved() throws {
    // No system assigns this process id.
    try folder.write("out.jsonl.\(Int32.max).partial", "half")
    try folder.write("out.jsonl.1.partial", "of a process that lives")
    try folder.write("out.jsonl.x.partial", "of none")
    _ = try OutputFile(path: folder.file("out.jsonl"))
    #expect(try folder.contents().sorted() == ["out.jsonl.1.partial", "out.jsonl.x.partial"])
  }
}
