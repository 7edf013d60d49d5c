import Glibc

/// The system's limits for this process: those of getrlimit(2), and the control group's limit on threads. (The control
/// group's memory limit is separate.) nil means no limit.
struct ProcessLimits {
  /// A limit on the address space, in bytes.
  struct Memory {
    let option: String
    let bytes: Int
    /// Bytes that already count against the limit.
    let used: Int

    var text: String { "\(option) is \(bytes >> 20) MiB" }
  }

  /// The limits that are set.
  let memory: [Memory]
  /// Processes and threads of the user.
  let processes: Int?
  /// Processes and threads of the control group.
  let tasks: Int?

  static var current: ProcessLimits {
    let usage = KernelFile.text("/proc/self/status") ?? ""
    func memory(_ option: String, _ resource: __rlimit_resource, _ key: String) -> Memory? {
      limit(resource).map { Memory(option: option, bytes: $0, used: kibibytes(key, in: usage) << 10) }
    }
    return ProcessLimits(
      memory: [memory("ulimit -v", RLIMIT_AS, "VmSize:"), memory("ulimit -d", RLIMIT_DATA, "VmData:")].compactMap(
        \.self),
      processes: limit(__RLIMIT_NPROC), tasks: ControlGroup.current.taskLimit)
  }

  var isUnlimited: Bool { memory.isEmpty && processes == nil && tasks == nil }

  /// The memory that remains with this number of threads, by the lowest limit.
  func memoryLeft(threads: Int) -> (option: String, bytes: Int)? {
    memory.map { ($0.option, $0.bytes - $0.used - threads * Self.stackBytes) }.min { $0.1 < $1.1 }
  }

  /// The limits on the address space that this many more bytes would exceed.
  func short(of bytes: Int) -> [Memory] { memory.filter { $0.used + bytes > $0.bytes } }

  /// Bytes of address space for a thread's stack.
  static var stackBytes: Int {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    var bytes = 0
    pthread_attr_getstacksize(&attributes, &bytes)
    return bytes
  }

  private static func limit(_ resource: __rlimit_resource) -> Int? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0, limit.rlim_cur < UInt(Int.max) else {
      return nil
    }
    return Int(limit.rlim_cur)
  }

  private static func kibibytes(_ key: String, in status: String) -> Int {
    let line = status.split(separator: "\n").first { $0.hasPrefix(key) }
    return line.flatMap { Int($0.dropFirst(key.count).filter(\.isNumber)) } ?? 0
  }
}
