import Glibc
import Synchronization

/// Files that are useless until they are complete: a signal that ends the process first removes them.
///
/// The handler may interrupt any code, so it only loads numbers and makes system calls.
enum UnfinishedFiles {
  /// Addresses of C strings, 0 for a free slot; they are never freed, because a handler may be reading one.
  private nonisolated(unsafe) static let paths: UnsafeMutablePointer<Atomic<UInt>> = {
    let paths = UnsafeMutablePointer<Atomic<UInt>>.allocate(capacity: count)
    for place in 0..<count { (paths + place).initialize(to: Atomic(0)) }
    return paths
  }()

  /// Many more than a command writes at once; a file beyond this number stays when a signal arrives.
  private static let count = 64

  /// A slot for a file.
  struct Entry {
    fileprivate let place: Int
  }

  /// Records a file that is about to be created.
  static func add(_ path: String) -> Entry? {
    let address = UInt(bitPattern: strdup(path))
    for place in 0..<count
    where paths[place].compareExchange(expected: 0, desired: address, ordering: .releasing).exchanged {
      _ = areSignalsHandled
      return Entry(place: place)
    }
    return nil
  }

  /// Removes the record of a file that is complete, or gone.
  static func remove(_ entry: Entry?) {
    if let entry { paths[entry.place].store(0, ordering: .releasing) }
  }

  /// Whether the signals that end a process by default have been given the handler.
  private static let areSignalsHandled: Bool = {
    for number in [SIGINT, SIGTERM, SIGHUP] { SignalHandler.set({ end(by: $0) }, for: number) }
    return true
  }()

  /// Removes the files; the signal is raised again after its handler has returned, and then ends the process.
  private static func end(by number: Int32) {
    for place in 0..<count {
      if let path = UnsafePointer<CChar>(bitPattern: paths[place].load(ordering: .acquiring)) { unlink(path) }
    }
    signal(number, SIG_DFL)
    raise(number)
  }
}
