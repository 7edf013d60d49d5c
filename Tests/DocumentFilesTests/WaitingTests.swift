import Foundation
import Glibc
import TestSupport
import Testing

@testable import DocumentFiles

/// Documents from a slow writer.
@Suite(.timeLimit(.minutes(5))) struct WaitingTests {
  /// A pipe, and the path of its reading end.
  private final class Pipe {
    private let ends: [Int32]
    private var isOpen = true

    init() {
      var ends: [Int32] = [0, 0]
      pipe(&ends)
      self.ends = ends
    }

    var path: String { "/dev/fd/\(ends[0])" }
    var writingEnd: Int32 { ends[1] }

    func write(_ text: String) {
      let bytes = Array(text.utf8)
      #expect(Glibc.write(ends[1], bytes, bytes.count) == bytes.count)
    }

    func close() {
      if isOpen { Glibc.close(ends[1]) }
      isOpen = false
    }

    deinit {
      close()
      Glibc.close(ends[0])
    }
  }

  @Test func aWindowEndsWhereNothingMoreIsThere() throws {
    let pipe = Pipe()
    pipe.write("{\"id\": 1, \"text\": \"\"}\n{\"id\": 2, \"text\": \"\"}\n")
    var file = try DocumentFile(path: pipe.path, skipBadLines: true)
    #expect(!file.isRegularFile)
    #expect(try file.next(upTo: 512).map(\.id.text) == ["1", "2"])
    pipe.write("{\"id\": 3, \"text\": \"\"}\n\nbad\n{\"id\": 4, ")
    #expect(try file.next(upTo: 512).map(\.id.text) == ["3"])
    #expect(file.skippedLines.first == [5])
    pipe.write("\"text\": \"\"}\n{\"id\": 5, \"text\": \"\"}")
    #expect(try file.next(upTo: 512).map(\.id.text) == ["4"])
    pipe.close()
    #expect(try file.next(upTo: 512).map(\.id.text) == ["5"])
    #expect(try file.next(upTo: 512).isEmpty)
  }

  @Test func rowsOfATableDoNotWaitForItsWayOfQuoting() throws {
    let pipe = Pipe()
    pipe.write("id,text\n1,a\n2,\"b \"\"c\"\"\"\n3,\"d")
    var file = try DocumentFile(path: pipe.path, format: .csv, skipBadLines: false)
    #expect(try file.next(upTo: 512).map(\.content) == [.text("a"), .text("b \"c\"")])
    pipe.write("\ne\"\n4,\"f \\\"g\\\"\"\n")
    #expect(try file.next(upTo: 512).map(\.content) == [.text("d\ne")])
    pipe.close()
    #expect(try file.next(upTo: 512).map(\.content) == [.text("f \"g\"")])
  }

  @Test func aPipeThatDoesNotBlockIsWaitedFor() throws {
    let pipe = Pipe()
    let descriptor = open(pipe.path, O_RDONLY | O_NONBLOCK)
    defer { close(descriptor) }
    let path = "/dev/fd/\(descriptor)"
    let first = try InputBytes(path: path)
    // A separate thread: reading blocks this one, and a task might wait for this thread.
    let writer = Thread { [end = pipe.writingEnd] in _ = Glibc.write(end, "a line\n", 7) }
    writer.start()
    #expect(try first.next() == Array("a line\n".utf8))
  }

  @Test func compressedBytesAreWaitedForAsWell() throws {
    let pipe = Pipe()
    var file = try LineReader(path: pipe.path)
    pipe.write("\u{1f}")
    guard case .notYet = try file.next(until: .now) else {
      Issue.record("a first byte does not tell whether it is gzip's")
      return
    }
    pipe.close()
    #expect(try file.nextLine() == "\u{1f}")
  }
}
