import NIOCore
import Testing

@testable import HTTP2

/// The minimum speed of a client.
@Suite struct SlownessGuardTests {
  private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

  private static func at(_ seconds: Int64) -> NIODeadline { start + .seconds(seconds) }

  private static func guarding(
    preface: Int64? = nil, headers: Int64? = nil, stall: Int64? = nil
  ) -> SlownessGuard {
    let times = ConnectionTimes(
      preface: preface.map { .seconds($0) }, headers: headers.map { .seconds($0) }, stall: stall.map { .seconds($0) })
    return SlownessGuard(times, now: start)
  }

  @Test func withoutLimitsNothingIsTooSlow() {
    var slowness = Self.guarding()
    slowness.headersBegan(at: Self.start)
    slowness.socket(isWritable: false, at: Self.start)
    #expect(slowness.nextDeadline == nil)
    #expect(slowness.fault(at: Self.at(1_000_000)) == nil)
  }

  @Test func thePrefaceHasToCome() {
    var slowness = Self.guarding(preface: 10)
    #expect(slowness.nextDeadline == Self.at(10))
    #expect(slowness.fault(at: Self.at(9)) == nil)
    #expect(slowness.fault(at: Self.at(10)) == .slowPreface)
    slowness.prefaceReceived()
    #expect(slowness.fault(at: Self.at(10)) == nil)
    #expect(slowness.nextDeadline == nil)
  }

  @Test func aHeaderBlockHasToEndHoweverManyFramesItHas() {
    var slowness = Self.guarding(headers: 10)
    slowness.headersBegan(at: Self.at(100))
    slowness.headersBegan(at: Self.at(105))
    #expect(slowness.nextDeadline == Self.at(110))
    #expect(slowness.fault(at: Self.at(110)) == .slowHeaders)
    slowness.headersEnded()
    #expect(slowness.fault(at: Self.at(110)) == nil)
    slowness.headersBegan(at: Self.at(200))
    #expect(slowness.nextDeadline == Self.at(210))
  }

  @Test func theSocketHasToTakeBytes() {
    var slowness = Self.guarding(stall: 30)
    slowness.socket(isWritable: true, at: Self.at(1))
    #expect(slowness.nextDeadline == nil)
    slowness.socket(isWritable: false, at: Self.at(2))
    slowness.socket(isWritable: false, at: Self.at(20))
    #expect(slowness.fault(at: Self.at(31)) == nil)
    #expect(slowness.fault(at: Self.at(32)) == .slowReader)
    slowness.socket(isWritable: true, at: Self.at(32))
    #expect(slowness.fault(at: Self.at(100)) == nil)
  }

  @Test func aResponseHasToBeReadOn() {
    var progress = SendProgress()
    func isAlive(_ isWaiting: Bool, at seconds: Int64) -> Bool {
      progress.isAlive(isWaiting: isWaiting, limit: .seconds(30), at: Self.at(seconds))
    }
    #expect(isAlive(false, at: 0))
    #expect(isAlive(true, at: 10))
    #expect(isAlive(true, at: 39))
    progress.sent()
    #expect(isAlive(true, at: 40), "some was read")
    #expect(isAlive(true, at: 69))
    #expect(!isAlive(true, at: 70))
    #expect(isAlive(false, at: 71))
    #expect(isAlive(true, at: 200))
  }
}
