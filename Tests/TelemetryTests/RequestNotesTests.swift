import NIOCore
import Testing

@testable import GRPC
@testable import Telemetry

/// The parts of a request's time, and the stored values from its client.
@Suite struct RequestNotesTests {
  private static func time(_ microseconds: UInt64) -> NIODeadline { .uptimeNanoseconds(microseconds * 1_000) }

  private func parts(_ times: [RequestStage: UInt64], ended: UInt64, left: UInt64) -> [String] {
    var notes = RequestNotes(method: .unknown, peer: nil, arrival: Self.time(10))
    for (stage, time) in times { notes[stage] = Self.time(time) }
    notes.outcome = .init(code: .ok, task: nil, time: Self.time(ended))
    return notes.parts(until: Self.time(left)).map { part in
      "\(part.name) \(part.start.uptimeNanoseconds / 1_000)-\(part.end.uptimeNanoseconds / 1_000)"
    }
  }

  @Test func anEncodedRequestHasAll() {
    let times: [RequestStage: UInt64] = [.complete: 20, .reading: 25, .queued: 40, .encoding: 60, .encoded: 90]
    #expect(
      parts(times, ended: 95, left: 99) == [
        "receive 10-20", "tokenize 25-40", "queue 40-60", "encode 60-90", "respond 90-99",
      ])
  }

  @Test func cachedTextsHaveNoEncodingTime() {
    let times: [RequestStage: UInt64] = [.complete: 20, .reading: 25, .queued: 40, .encoded: 41]
    #expect(
      parts(times, ended: 50, left: 60) == ["receive 10-20", "tokenize 25-40", "queue 40-41", "respond 41-60"])
  }

  @Test func anUnfinishedPartLastsToTheEnd() {
    #expect(parts([:], ended: 30, left: 31) == ["receive 10-30", "respond 30-31"])
    #expect(parts([.complete: 20], ended: 30, left: 31) == ["receive 10-20", "respond 30-31"])
    #expect(
      parts([.complete: 20, .reading: 25], ended: 30, left: 31) == [
        "receive 10-20", "tokenize 25-30", "respond 30-31",
      ])
    #expect(parts([.complete: 20, .reading: 25, .queued: 26], ended: 30, left: 31).last == "respond 30-31")
  }

  @Test(arguments: ["1", "7f3e-22", "tenant/a:b@c=d+e.f_g#1", String(repeating: "x", count: 64)])
  func anIDIsKept(_ text: String) {
    #expect(RequestNotes.identifier(text) == text)
  }

  @Test(arguments: ["", "two words", "line\nbreak", "é", "\u{1b}[31m", "\"", String(repeating: "x", count: 65)])
  func valuesThatMayBeTextsAreNotKept(_ text: String) {
    #expect(RequestNotes.identifier(text) == nil)
  }
}
