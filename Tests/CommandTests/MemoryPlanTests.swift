import Testing
import Transformer

@testable import scimult

/// The planned amount of memory, and how a limit changes the plan.
@Suite struct MemoryPlanTests {
  private static func plan(
    receive: MemoryBound = MemoryBound(byDefault: 256 << 20), send: MemoryBound = MemoryBound(byDefault: 256 << 20),
    cache: MemoryBound = MemoryBound(byDefault: 64 << 20), connections: MemoryBound = MemoryBound(byDefault: 4_096),
    threads: MemoryBound = MemoryBound(byDefault: 2), loadingBytes: Int = 47 << 20
  ) -> MemoryPlan {
    MemoryPlan(
      footprint: EncoderFootprint(weightBytes: 23 << 20, loadingBytes: loadingBytes, scratchBytes: 10 << 20),
      dimensions: 384, vocabularySize: 30_522, maxTokens: 512, threads: threads, maxBatchTokens: 16_384,
      maxQueueTokens: 262_144, maxDocuments: 1_024, maxMessageBytes: 4 << 20, receive: receive, send: send,
      cache: cache, connections: connections)
  }

  private static func bytes(of part: String, in plan: MemoryPlan) throws -> Int {
    try #require(plan.parts.first { $0.name == part }).mebibytes << 20
  }

  @Test func thePartsMakeTheSum() {
    let plan = Self.plan()
    #expect(plan.mebibytes == plan.parts.reduce(0) { $0 + $1.mebibytes })
    #expect(plan.parts.count == 10)
    #expect(plan.parts.allSatisfy { $0.mebibytes > 0 && $0.options.hasPrefix("--") })
  }

  @Test func boundsCountAsOftenAsTheyMayBeHeld() throws {
    let plan = Self.plan(
      receive: MemoryBound(given: 100 << 20), send: MemoryBound(given: 30 << 20), cache: MemoryBound(given: 7 << 20))
    #expect(try Self.bytes(of: "unfinished messages", in: plan) == 200 << 20)
    #expect(try Self.bytes(of: "replies", in: plan) == 60 << 20)
    #expect(try Self.bytes(of: "cache", in: plan) == 7 << 20)
    #expect(try Self.bytes(of: "model weights", in: plan) == 23 << 20)
    #expect(try Self.bytes(of: "activations", in: plan) == 2 * 2 * 10 << 20)
  }

  @Test func aPartIsRoundedUp() {
    #expect(MemoryPlan.Part("", "", bytes: 0).mebibytes == 0)
    #expect(MemoryPlan.Part("", "", bytes: 1).mebibytes == 1)
    #expect(MemoryPlan.Part("", "", bytes: 1 << 20).mebibytes == 1)
    #expect(MemoryPlan.Part("", "", bytes: 1 << 20 + 1).mebibytes == 2)
  }

  @Test func weightsThatAreReadCountWhereTheyTakeMoreThanServing() throws {
    let plan = Self.plan(loadingBytes: 8 << 30)
    #expect(plan.parts.map(\.name).contains("the largest weights as they are read"))
    #expect(plan.mebibytes > 8 << 10)
    #expect(try plan.mebibytes - Self.plan().mebibytes < 8 << 10, "not both")
  }

  @Test func withoutALimitDefaultsApply() throws {
    let plan = try Self.plan().fitting(nil)
    #expect(plan.receiveBytes == 256 << 20 && plan.sendBytes == 256 << 20)
    #expect(plan.cacheBytes == 64 << 20 && plan.maxConnections == 4_096)
  }

  @Test func aPlanThatFitsIsNotChanged() throws {
    let most = Self.plan().mebibytes
    #expect(try Self.plan().fitting(most << 20).receiveBytes == 256 << 20)
    #expect(try Self.plan().fitting(most << 20 - 1).receiveBytes < 256 << 20)
  }

  @Test(arguments: [256, 300, 512, 1_024, 1_500])
  func defaultsGiveWayAlikeAndUseWhatThereIs(mebibytes: Int) throws {
    let plan = try Self.plan().fitting(mebibytes << 20)
    #expect(plan.mebibytes <= mebibytes)
    #expect(plan.mebibytes >= mebibytes - 6, "a thousandth of the defaults takes less than 2 MiB")
    #expect(plan.receiveBytes == plan.sendBytes)
    #expect(plan.receiveBytes >= 4 << 20)
    let share = Double(plan.cacheBytes) / Double(64 << 20)
    #expect(abs(Double(plan.maxConnections) / 4_096 - share) < 0.01)
    #expect(abs(Double(plan.receiveBytes) / Double(256 << 20) - share) < 0.02)
  }

  @Test func givenValuesAreKeptAndDefaultsAreReduced() throws {
    let plan = try Self.plan(receive: MemoryBound(given: 256 << 20), connections: MemoryBound(given: 100)).fitting(
      1_000 << 20)
    #expect(plan.receiveBytes == 256 << 20)
    #expect(plan.maxConnections == 100)
    #expect(plan.sendBytes < 256 << 20)
  }

  @Test func threadsGiveWayWhereTheRestWouldBeNextToNothing() throws {
    let many = MemoryBound(byDefault: 64)
    #expect(try Self.plan(threads: many).fitting(8 << 30).threadCount == 64)
    let plan = try Self.plan(threads: many).fitting(1 << 30)
    #expect((8...20).contains(plan.threadCount))
    #expect(plan.receiveBytes >= (256 << 20) / 20)
    #expect(try Self.plan(threads: MemoryBound(byDefault: 2)).fitting(256 << 20).threadCount == 2, "one would not help")
    #expect(try Self.plan(threads: many).fitting(250 << 20).threadCount <= 2)
    #expect(throws: Failure.self) { try Self.plan(threads: MemoryBound(given: 64)).fitting(1 << 30) }
  }

  @Test func aPlanThatCannotFitIsRefusedWithTheSum() throws {
    let plan = Self.plan(receive: MemoryBound(given: 256 << 20))
    let failure = try #require(throws: Failure.self) { try plan.fitting(512 << 20) }
    let text = failure.description
    #expect(text.contains("512 MiB") && text.contains("512 unfinished messages (--max-receive-bytes)"))
    #expect(!text.contains("\n"))
    let total = try #require(text.firstMatch(of: /need (\d+) MiB/).flatMap { Int($0.1) })
    let parts = text.matches(of: /(\d+) [a-z ]+ \(--/).compactMap { Int($0.1) }
    #expect(parts.count == 10 && parts.reduce(0, +) == total)
    #expect(throws: Never.self) { try plan.fitting(total << 20) }
    #expect(throws: Failure.self) { try plan.fitting(total << 20 - 1) }
  }

  @Test func aBoundKnowsWhetherItIsGiven() {
    #expect(MemoryBound(argument: "268435456") == MemoryBound(given: 268_435_456))
    #expect(MemoryBound(given: 268_435_456) != MemoryBound(byDefault: 268_435_456))
    #expect(MemoryBound(argument: "many") == nil)
    #expect(MemoryBound(byDefault: 7).defaultValueDescription == "7")
    #expect(MemoryBound(byDefault: 10_000).scaled(thousandths: 250, least: 100) == 2_500)
    #expect(MemoryBound(byDefault: 10_000).scaled(thousandths: 0, least: 100) == 100)
    #expect(MemoryBound(byDefault: 50).scaled(thousandths: 0, least: 100) == 50)
    #expect(MemoryBound(given: 10_000).scaled(thousandths: 0, least: 100) == 10_000)
  }
}
