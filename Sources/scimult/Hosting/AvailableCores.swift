import NIOCore

/// The cores that this process may use: the process's affinity and its container's CPU quota, whichever is less.
enum AvailableCores {
  static var count: Int {
    let allowed = affinityList().map(countCores) ?? System.coreCount
    return count(allowed: allowed, quota: ControlGroup.current.cpuQuota)
  }

  /// A quota's part of a core counts as one: a thread less would never use the part. The price is that a container which
  /// is busy on all threads is stopped for the rest of each period; who would rather have even answers than all of the
  /// quota gives whole cores, or `--threads`.
  /// - Parameters:
  ///   - allowed: cores that the scheduler may choose from.
  ///   - quota: seconds of CPU time a second; nil for as many as there are cores.
  static func count(allowed: Int, quota: Double?) -> Int {
    max(1, Int(min(Double(allowed), quota?.rounded(.up) ?? .infinity)))
  }

  /// The cores that the scheduler may run this process on, as the kernel writes them: `0-3,8`.
  private static func affinityList() -> Substring? {
    let key = "Cpus_allowed_list:"
    return KernelFile.text("/proc/self/status")?.split(separator: "\n").first { $0.hasPrefix(key) }?
      .dropFirst(key.count)
  }

  private static func countCores(_ list: Substring) -> Int {
    list.split(separator: ",").reduce(0) { sum, range in
      let bounds = range.split(separator: "-").compactMap { Int($0.filter { !$0.isWhitespace }) }
      guard let first = bounds.first, let last = bounds.last else { return sum }
      return sum + last - first + 1
    }
  }
}
