import CNGHTTP2
import NIOCore
import TestSupport
import Testing

@testable import HTTP2

/// If any allocation of nghttp2 fails, either the connection ends or all requests are answered, and every stream is
/// notified of its end.
@Suite struct AllocationFailureTests {
  @Test(arguments: [FailingMemory.Failure.one, .allFrom])
  func everyAllocationMayFail(failure: FailingMemory.Failure) throws {
    var place = 0
    while true {
      let memory = FailingMemory(failure, at: place)
      let outcome = Self.converse(memory)
      #expect(outcome.toldOfTheirEnd == outcome.opened, "allocation \(place)")
      #expect(
        outcome.hasEnded || outcome.answered == Self.requests,
        "allocation \(place): \(outcome.answered) answers, and the connection goes on")
      guard memory.hasFailed else { break }
      place += 1
    }
    #expect(place > 20, "a conversation takes allocations")
  }

  private static let requests = 3

  private struct Outcome {
    /// Whether the session failed or sent GOAWAY.
    var hasEnded = false
    var opened = 0
    var toldOfTheirEnd = 0
    var answered = 0
  }

  private static func converse(_ memory: FailingMemory) -> Outcome {
    let log = EventLog()
    var outcome = Outcome()
    var opened = 0
    var output = ByteBuffer()
    withUnsafeTemporaryAllocation(of: nghttp2_mem.self, capacity: 1) { allocator in
      allocator.initializeElement(at: 0, to: memory.nghttp2)
      do {
        let session = try Session(
          limits: ConnectionLimits(), now: .now(), memory: allocator.baseAddress,
          makeHandler: { stream in
            opened += 1
            return EchoHandler(stream, log: log)
          }, onOutputPending: {}, onDrainAcknowledged: {})
        defer { session.closeAllStreams() }
        for bytes in clientFrames {
          try session.receive(ByteBuffer(bytes: bytes))
          while try session.writeOutput(into: &output) {}
        }
        outcome.hasEnded = session.isFinished
      } catch {
        outcome.hasEnded = true
      }
    }
    outcome.opened = opened
    outcome.toldOfTheirEnd = log.all.count { $0.hasPrefix("closed ") }
    outcome.answered = answers(in: output)
    return outcome
  }

  /// A request with only headers, one with a body, and one whose answer waits for a window, among control frames.
  private static var clientFrames: [[UInt8]] {
    func request(_ path: String, stream: UInt32, flags: UInt8) -> HTTP2Frame {
      let fields = [(":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "test")]
      return HTTP2Frame(.headers, flags: flags, stream: stream, HTTP2Frame.headerBlock(fields))
    }
    let whole = HTTP2Frame.endHeaders | HTTP2Frame.endStream
    let window = HTTP2Frame.bigEndian(1 << 20)
    return [HTTP2Client.preface]
      + [
        HTTP2Frame(.settings), HTTP2Frame(.settings, flags: HTTP2Frame.acknowledge),
        request("/size/10", stream: 1, flags: whole), request("/echo", stream: 3, flags: HTTP2Frame.endHeaders),
        HTTP2Frame(.data, stream: 3, [UInt8](repeating: 7, count: 9_000)), HTTP2Frame(.ping, [UInt8](1...8)),
        HTTP2Frame(.data, flags: HTTP2Frame.endStream, stream: 3, [1, 2, 3]),
        request("/size/100000", stream: 5, flags: whole), HTTP2Frame(.windowUpdate, window),
        HTTP2Frame(.windowUpdate, stream: 5, window), request("/hold", stream: 7, flags: whole),
        HTTP2Frame(.resetStream, stream: 7, HTTP2Frame.bigEndian(8)),
      ].map(\.bytes)
  }

  /// Streams that the server has ended.
  private static func answers(in output: ByteBuffer) -> Int {
    var output = output
    var answers = 0
    while let header = output.readBytes(length: 9) {
      let payload = output.readBytes(length: header[..<3].reduce(0) { $0 << 8 | Int($1) }) ?? []
      guard let frame = HTTP2Frame(reading: (header + payload)[...]) else { continue }
      if [.headers, .data].contains(frame.kind), frame.endsStream { answers += 1 }
    }
    return answers
  }
}
