import Glibc

/// libFuzzer's own main, for programs that have one already.
@_silgen_name("LLVMFuzzerRunDriver")
private func runLibFuzzer(
  _ argumentCount: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

/// libFuzzer starts itself again for some of its work, with the same environment but other arguments.
private let target = getenv("FUZZ_TARGET").flatMap { name in
  FuzzTarget.all.first { $0.name == String(cString: name) }
}

private func main() -> Int32 {
  guard target != nil else {
    print(FuzzTarget.all.map(\.name).joined(separator: "\n"))
    return 0
  }
  var count = CommandLine.argc
  var arguments = CommandLine.unsafeArgv
  return runLibFuzzer(&count, &arguments) { bytes, count in
    do {
      try target?.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
    } catch {
      fatalError("\(error)")
    }
    return 0
  }
}

exit(main())
