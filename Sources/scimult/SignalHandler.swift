import Glibc

/// Sets signal handlers. An ignored signal stays ignored, because `nohup` and a shell's `&` start a process that way.
enum SignalHandler {
  /// Handles a signal from now on, unless it is ignored.
  /// - Parameter handler: `SIG_DFL` is the system's default.
  static func set(_ handler: (@convention(c) (Int32) -> Void)?, for number: Int32) {
    if address(of: signal(number, handler)) == address(of: SIG_IGN) { signal(number, SIG_IGN) }
  }

  /// C's constants for handlers are not functions, but numbers to compare.
  private static func address(of handler: (@convention(c) (Int32) -> Void)?) -> Int {
    unsafeBitCast(handler, to: Int.self)
  }
}
