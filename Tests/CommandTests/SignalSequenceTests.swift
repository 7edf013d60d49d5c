import Glibc
import Testing

@testable import scimult

@Suite struct SignalSequenceTests {
  /// Signals that no other test uses and whose default action ends the process.
  @Test(.timeLimit(.minutes(1))) func signalsComeInsteadOfTheirDefaults() async {
    let signals = await SignalSequence([SIGUSR1, SIGUSR2])
    var received = signals.received.makeAsyncIterator()
    for number in [SIGUSR1, SIGUSR2, SIGUSR1] {
      kill(getpid(), number)
      #expect(await received.next() == number)
    }
  }
}
