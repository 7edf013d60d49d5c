import Glibc

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The process's use of the machine's resources, under the metric names of Prometheus' own libraries. Values that the
/// system does not report are omitted.
public enum ProcessUsage {
  public static var metrics: [MetricFamily] {
    let pages = statm
    return [
      MetricFamily(
        "process_cpu_seconds_total", .counter, help: "Time that the process has run, of all its threads.",
        seconds(of: CLOCK_PROCESS_CPUTIME_ID)),
      MetricFamily(
        "process_resident_memory_bytes", .gauge, help: "Memory in use, shared files included.",
        pages.map { $0.resident * pageBytes }),
      MetricFamily(
        "process_virtual_memory_bytes", .gauge, help: "Addresses in use.", pages.map { $0.virtual * pageBytes }),
      MetricFamily("process_open_fds", .gauge, help: "Open files and sockets.", openFiles),
      MetricFamily("process_max_fds", .gauge, help: "Files and sockets that may be open.", openFilesLimit),
      MetricFamily("process_start_time_seconds", .gauge, help: "When the process began, since 1970.", startTime),
    ]
  }

  private static var statm: (virtual: Double, resident: Double)? {
    let pages = file("statm")?.split(separator: " ").compactMap { Double($0) } ?? []
    return pages.count > 1 ? (pages[0], pages[1]) : nil
  }

  /// The number of open files, without the one that this count opens.
  private static var openFiles: Double? {
    (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")).map { Double($0.count - 1) }
  }

  private static var openFilesLimit: Double? {
    let limit = sysconf(Int32(_SC_OPEN_MAX))
    return limit < 0 ? nil : Double(limit)
  }

  /// Computed once, so that it does not change between requests when clocks drift.
  private static let startTime: Double? = {
    // The fields of proc(5) from the third on, because the second is the program's name, in parentheses, which may
    // contain spaces. The twenty-second field is the process's start, in ticks since the machine's start.
    guard let fields = file("stat")?.split(separator: ")").last?.split(separator: " "), fields.count > 19,
      let ticks = Double(fields[19]), let now = seconds(of: CLOCK_REALTIME), let uptime = seconds(of: CLOCK_BOOTTIME)
    else { return nil }
    return now - uptime + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
  }()

  private static let pageBytes = Double(sysconf(Int32(_SC_PAGESIZE)))

  private static func file(_ name: String) -> String? {
    FileManager.default.contents(atPath: "/proc/self/" + name).map { String(decoding: $0, as: UTF8.self) }
  }

  private static func seconds(of clock: clockid_t) -> Double? {
    var time = timespec()
    guard clock_gettime(clock, &time) == 0 else { return nil }
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
