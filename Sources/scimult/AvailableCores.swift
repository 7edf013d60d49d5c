import NIOCore
import SystemPackage

/// The cores that this process may use: the container's quota and the process's affinity, whichever is less.
enum AvailableCores {
  static var count: Int {
    let allowed = affinityList().map(Self.countCores) ?? System.coreCount
    return max(1, min(System.coreCount, allowed))
  }

  /// The cores that the scheduler may run this process on, as the kernel writes them: `0-3,8`.
  private static func affinityList() -> Substring? {
    guard let file = try? FileDescriptor.open("/proc/self/status", .readOnly) else { return nil }
    let text = try? file.closeAfter {
      var bytes = [UInt8](repeating: 0, count: 1 << 14)
      let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
      return String(decoding: bytes[..<count], as: UTF8.self)
    }
    let key = "Cpus_allowed_list:"
    return text?.split(separator: "\n").first { $0.hasPrefix(key) }?.dropFirst(key.count)
  }

  private static func countCores(_ list: Substring) -> Int {
    list.split(separator: ",").reduce(0) { sum, range in
      let bounds = range.split(separator: "-").compactMap { Int($0.filter { !$0.isWhitespace }) }
      guard let first = bounds.first, let last = bounds.last else { return sum }
      return sum + last - first + 1
    }
  }
}
