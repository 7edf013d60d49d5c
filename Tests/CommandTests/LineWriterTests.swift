import Dispatch
import Glibc
import Testing

@testable import scimult

/// A writer of lines does not wait for their reader.
@Suite struct LineWriterTests {
  /// A pipe whose reader is the test.
  private struct Pipe {
    let reading: Int32
    let writing: Int32

    init() {
      var ends: [Int32] = [0, 0]
      precondition(Glibc.pipe(&ends) == 0)
      (reading, writing) = (ends[0], ends[1])
    }

    /// All remaining data up to the end.
    func rest() -> String {
      close(writing)
      var all: [UInt8] = []
      var chunk = [UInt8](repeating: 0, count: 65_536)
      while true {
        let count = read(reading, &chunk, chunk.count)
        guard count > 0 else { break }
        all += chunk[..<count]
      }
      close(reading)
      return String(decoding: all, as: UTF8.self)
    }
  }

  private let pipe = Pipe()

  private func writer(capacity: Int = 2_000) -> LineWriter {
    LineWriter(pipe.writing, capacity: capacity) { "lost \($0)\n" }
  }

  @Test func linesKeepTheirOrder() {
    let writer = writer()
    for number in 0..<1_000 { writer.write { "\(number)\n" } }
    writer.flush()
    #expect(pipe.rest() == (0..<1_000).map { "\($0)\n" }.joined())
    #expect(writer.lostLines == 0)
  }

  @Test func linesThatCannotBeHeldAreCountedAndSaid() {
    let writer = writer(capacity: 1)
    let reader = DispatchSemaphore(value: 0)
    writer.write {
      reader.wait()
      return "held\n"
    }
    for _ in 0..<3 { writer.write { "never\n" } }
    #expect(writer.lostLines == 3)
    reader.signal()
    writer.flush()
    #expect(pipe.rest() == "held\nlost 3\n")
  }

  @Test func aPipeThatNobodyReadsHoldsNobodyUp() {
    let writer = writer(capacity: 100)
    let line = String(repeating: "x", count: 1_023) + "\n"
    for _ in 0..<1_000 { writer.write { line } }
    writer.flush(patience: .milliseconds(20))
    #expect(writer.lostLines > 0)
    // A late reader gets complete lines and the number of lost lines, which may be reported in several parts.
    var read = ""
    var lines: [Substring] { read.split(separator: "\n") }
    var whole: Int { lines.count(where: { $0.count == 1_023 }) }
    var lossTold: Int { lines.compactMap { $0.hasPrefix("lost ") ? Int($0.dropFirst(5)) : nil }.reduce(0, +) }
    while !read.hasSuffix("\n") || whole + lossTold < 1_000 {
      var chunk = [UInt8](repeating: 0, count: 65_536)
      let count = Glibc.read(pipe.reading, &chunk, chunk.count)
      read += String(decoding: chunk[..<count], as: UTF8.self)
    }
    #expect(lossTold == writer.lostLines)
    #expect(whole == 1_000 - writer.lostLines)
    #expect(lines.allSatisfy { $0.count == 1_023 || $0.hasPrefix("lost ") })
  }

  @Test func aDescriptorThatDoesNotBlockIsWaitedFor() {
    _ = fcntl(pipe.writing, F_SETFL, O_NONBLOCK)
    let writer = writer()
    for _ in 0..<200 { writer.write { String(repeating: "x", count: 1_023) + "\n" } }
    var length = 0
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while length < 200 * 1_024 { length += read(pipe.reading, &chunk, chunk.count) }
    #expect(length == 200 * 1_024)
    #expect(writer.lostLines == 0)
  }

  @Test func linesThatCannotBeWrittenAreCounted() {
    let writer = LineWriter(-1) { "lost \($0)\n" }
    writer.write { "nowhere\n" }
    writer.flush()
    #expect(writer.lostLines == 1)
  }
}
