import Glibc

/// The limits of this process's control group: a container's limits, for cgroup v1 and v2.
///
/// Groups are nested, and each limits everything inside. Of the limits from the process's own group up to the root, the
/// lowest counts.
struct ControlGroup {
  /// Names the folder where the hierarchies are mounted, instead of `/sys/fs/cgroup`.
  static let environmentVariable = "SCIMULT_CGROUP_ROOT"

  static var current: ControlGroup {
    let root = getenv(environmentVariable).map { String(cString: $0) } ?? ""
    return ControlGroup(
      root: root.isEmpty ? "/sys/fs/cgroup" : root, memberships: KernelFile.text("/proc/self/cgroup") ?? "")
  }

  /// A line of `/proc/self/cgroup`: the process's position in one hierarchy.
  private struct Membership {
    /// The controllers of a v1 hierarchy; empty for v2, which has all controllers that v1 does not have.
    let controllers: [Substring]
    let path: [Substring]
  }

  private let root: String
  private let memberships: [Membership]

  /// - Parameters:
  ///   - root: the folder where the hierarchies are mounted.
  ///   - memberships: the text of `/proc/self/cgroup`.
  init(root: String, memberships: String) {
    self.root = root
    self.memberships = memberships.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { return nil }
      return Membership(
        controllers: fields[1].split(separator: ","), path: fields[2].split(separator: "/").filter { $0 != ".." })
    }
  }

  /// Seconds of CPU time per second, such as 1.5; nil without a quota.
  var cpuQuota: Double? {
    folders(of: "cpu").compactMap { folder in
      func words(_ file: String) -> [Substring] {
        KernelFile.text("\(folder)/\(file)")?.split(whereSeparator: \.isWhitespace) ?? []
      }
      let numbers = words("cpu.max") + words("cpu.cfs_quota_us") + words("cpu.cfs_period_us")
      // No quota is "max" in v2 and −1 in v1.
      guard numbers.count == 2, let quota = Int(numbers[0]), let period = Int(numbers[1]), quota > 0, period > 0
      else { return nil }
      return Double(quota) / Double(period)
    }.min()
  }

  /// Bytes of memory; nil without a limit.
  var memoryLimit: Int? {
    folders(of: "memory").compactMap { folder in
      let limit = Self.number("\(folder)/memory.max") ?? Self.number("\(folder)/memory.limit_in_bytes")
      // No limit is "max" in v2 and the largest number of pages in v1.
      return limit.flatMap { $0 < 1 << 60 ? $0 : nil }
    }.min()
  }

  /// Processes and threads; nil without a limit.
  var taskLimit: Int? {
    folders(of: "pids").compactMap { Self.number("\($0)/pids.max") }.min()
  }

  /// nil if there is no such file, or it contains "max".
  private static func number(_ path: String) -> Int? {
    KernelFile.text(path).flatMap { Int($0.filter { !$0.isWhitespace }) }
  }

  /// The folders that may contain a controller's files, from the root down to the process's own group.
  private func folders(of controller: String) -> [String] {
    memberships.flatMap { membership -> [String] in
      guard !membership.controllers.isEmpty else { return Self.folders(root, membership.path) }
      guard membership.controllers.contains(controller[...]) else { return [] }
      // Controllers that share a hierarchy are mounted under their joined names, under each name, or both.
      return Set([membership.controllers.joined(separator: ","), controller]).flatMap {
        Self.folders("\(root)/\($0)", membership.path)
      }
    }
  }

  /// A container may see its own group as the root although its path begins at the host's root: folders that do not
  /// exist are left out.
  private static func folders(_ mount: String, _ path: [Substring]) -> [String] {
    func folder(_ parts: ArraySlice<Substring>) -> String { ([mount[...]] + parts).joined(separator: "/") }
    let visible = path.indices.first { access(folder(path[$0...]), F_OK) == 0 }.map { path[$0...] } ?? []
    return (0...visible.count).map { folder(visible.prefix($0)) }
  }
}
