import Glibc

/// libFuzzer's own main function, for programs that already have one.
@_silgen_name("LLVMFuzzerRunDriver")
private func runLibFuzzer(
  _ argumentCount: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

/// Passes one target to libFuzzer, which reads the arguments. Without a chosen target, lists all targets.
@main enum Driver {
  /// The target is in the environment, because libFuzzer restarts the program for some of its work with other arguments
  /// but the same environment.
  private static let target = getenv("FUZZ_TARGET").flatMap { name in
    FuzzTarget.all.first { $0.name == String(cString: name) }
  }

  static func main() {
    guard target != nil else {
      print(FuzzTarget.all.map(\.name).joined(separator: "\n"))
      return
    }
    var count = CommandLine.argc
    var arguments = CommandLine.unsafeArgv
    let code = runLibFuzzer(&count, &arguments) { bytes, count in
      do {
        try Driver.target?.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
      } catch {
        fatalError("\(error)")
      }
      return 0
    }
    exit(code)
  }
}
