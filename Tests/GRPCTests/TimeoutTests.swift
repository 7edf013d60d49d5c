import GRPC
import NIOCore
import Testing

/// The header grpc-timeout: one to eight digits and a unit.
@Suite struct TimeoutTests {
  @Test(
    arguments: [
      ("1H", .hours(1)), ("2M", .minutes(2)), ("3S", .seconds(3)), ("4m", .milliseconds(4)), ("5u", .microseconds(5)),
      ("6n", .nanoseconds(6)), ("0S", .nanoseconds(0)), ("00000010m", .milliseconds(10)),
      ("99999999S", .seconds(99_999_999)), ("99999999n", .nanoseconds(99_999_999)),
    ] as [(String, TimeAmount)])
  func readsDigitsAndAUnit(text: String, time: TimeAmount) {
    #expect(Timeout.parse(text) == time)
  }

  @Test(arguments: ["99999999H", "99999999M"])
  func whatIsTooLongToCountIsCutFarOff(text: String) throws {
    let time = try #require(Timeout.parse(text))
    #expect(time > .hours(24 * 365 * 100))
    #expect(NIODeadline.now() + time > NIODeadline.now())
  }

  @Test(
    arguments: [
      "", "S", "1", "1s", "1h", "100000000S", "000000001S", "-1S", "+1S", "1.5S", " 1S", "1S ", "1 S", "0x1S", "1SS",
      "١S", "1\u{0}S",
    ])
  func refusesAllElse(text: String) {
    #expect(Timeout.parse(text) == nil)
  }
}
