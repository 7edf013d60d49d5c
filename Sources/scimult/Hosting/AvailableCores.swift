import NIOCore

/// The number of cores that this process may use: the lower of its affinity and its container's CPU quota.
enum AvailableCores {
  static var count: Int {
    let allowed = affinityList().map(countCores) ?? System.coreCount
    return count(allowed: allowed, quota: ControlGroup.current.cpuQuota)
  }

  /// A part of a core in the quota counts as one core, because otherwise that part would never be used. The price: the
  /// kernel stops a container that is busy on all threads for the rest of each period. For even latencies instead of
  /// the whole quota, set whole cores, or `--threads`.
  /// - Parameters:
  ///   - allowed: the number of cores that the scheduler may use.
  ///   - quota: seconds of CPU time per second; nil for no quota.
  static func count(allowed: Int, quota: Double?) -> Int {
    max(1, Int(min(Double(allowed), quota?.rounded(.up) ?? .infinity)))
  }

  /// The cores on which the scheduler may run this process, as the kernel writes them: `0-3,8`.
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
