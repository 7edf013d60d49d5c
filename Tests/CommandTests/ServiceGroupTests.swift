import Synchronization
import Testing

@testable import scimult

@Suite(.timeLimit(.minutes(1))) struct ServiceGroupTests {
  /// Records events in order.
  private final class Diary: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func add(_ line: String) { lines.withLock { $0.append(line) } }
  }

  private struct Failure: Error {}

  private struct Part: HostedService {
    let name: String
    let diary: Diary
    var ends = false
    var failsAtTheStop = false

    func run(until stop: StopRequest) async throws {
      if ends { return }
      await stop.wasMade()
      diary.add(Task.isCancelled ? "\(name) cancelled" : name)
      // Gives other events the chance to occur in between.
      try? await Task.sleep(for: .milliseconds(5))
      if failsAtTheStop { throw Failure() }
      diary.add("\(name) ended")
    }
  }

  @Test func servicesStopInReverseOrder() async throws {
    let diary = Diary()
    let group = ServiceGroup(["a", "b", "c"].map { Part(name: $0, diary: diary) })
    async let end: Void = group.run()
    group.stop()
    try await end
    #expect(diary.all == ["c", "c ended", "b", "b ended", "a", "a ended"])
  }

  @Test func aStopBeforeTheStartCounts() async throws {
    let diary = Diary()
    let group = ServiceGroup([Part(name: "a", diary: diary)])
    group.stop()
    try await group.run()
    #expect(diary.all == ["a", "a ended"])
  }

  @Test func aPartThatEndsByItselfEndsTheOthers() async throws {
    let diary = Diary()
    let group = ServiceGroup([Part(name: "a", diary: diary), Part(name: "b", diary: diary, ends: true)])
    await #expect(throws: ServiceGroup.UnexpectedEnd.self) { try await group.run() }
    #expect(diary.all == ["a cancelled", "a ended"])
  }

  @Test func aPartThatFailsWhileItStopsEndsTheOthers() async throws {
    let diary = Diary()
    let group = ServiceGroup([Part(name: "a", diary: diary), Part(name: "b", diary: diary, failsAtTheStop: true)])
    group.stop()
    await #expect(throws: Failure.self) { try await group.run() }
    #expect(diary.all == ["b", "a cancelled", "a ended"])
  }

  @Test func aStopCancelsWhatWouldNotEnd() async {
    let stop = StopRequest()
    async let end: Void = stop.cancelling { try await Task.sleep(for: .seconds(3_600)) }
    #expect(!stop.isMade)
    stop.make()
    await end
    #expect(stop.isMade)
  }
}
