import Glibc

/// Handlers of signals. A signal that is ignored stays so: `nohup` and a shell's `&` start a process that way.
enum SignalHandler {
  /// Handles a signal from now on, unless it is ignored.
  /// - Parameter handler: `SIG_DFL` is what the system does by default.
  static func set(_ handler: (@convention(c) (Int32) -> Void)?, for number: Int32) {
    if address(of: signal(number, handler)) == address(of: SIG_IGN) { signal(number, SIG_IGN) }
  }

  /// C's constants for handlers are no functions, but numbers to compare.
  private static func address(of handler: (@convention(c) (Int32) -> Void)?) -> Int {
    unsafeBitCast(handler, to: Int.self)
  }
}
