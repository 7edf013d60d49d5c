import Glibc
import Synchronization

/// Files that are of no use to anybody until they are complete: a signal that ends the process removes them first.
///
/// The handler does nothing but load numbers and make system calls, as it may come in between of anything.
enum UnfinishedFiles {
  /// Addresses of C strings, 0 where there is none; they are never freed, as a handler may be reading one.
  private nonisolated(unsafe) static let paths: UnsafeMutablePointer<Atomic<UInt>> = {
    let paths = UnsafeMutablePointer<Atomic<UInt>>.allocate(capacity: count)
    for place in 0..<count { (paths + place).initialize(to: Atomic(0)) }
    return paths
  }()

  /// Many more than a command writes at once; what is one too many stays when a signal comes.
  private static let count = 64

  /// A place among them.
  struct Entry {
    fileprivate let place: Int
  }

  /// Notes a file that is about to be made.
  static func add(_ path: String) -> Entry? {
    let address = UInt(bitPattern: strdup(path))
    for place in 0..<count
    where paths[place].compareExchange(expected: 0, desired: address, ordering: .releasing).exchanged {
      _ = areSignalsHandled
      return Entry(place: place)
    }
    return nil
  }

  /// Forgets a file that is complete, or gone.
  static func remove(_ entry: Entry?) {
    if let entry { paths[entry.place].store(0, ordering: .releasing) }
  }

  /// Of the signals that end a process by default.
  private static let areSignalsHandled: Bool = {
    for number in [SIGINT, SIGTERM, SIGHUP] { SignalHandler.set({ end(by: $0) }, for: number) }
    return true
  }()

  /// The signal comes again when its handler has returned, and then ends the process.
  private static func end(by number: Int32) {
    for place in 0..<count {
      if let path = UnsafePointer<CChar>(bitPattern: paths[place].load(ordering: .acquiring)) { unlink(path) }
    }
    signal(number, SIG_DFL)
    raise(number)
  }
}
