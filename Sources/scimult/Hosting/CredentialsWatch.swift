import Glibc
import Logging

/// Reads certificates and tokens again when their files change. A renewal may replace several files one after the
/// other, so the watch waits until the files no longer change.
struct CredentialsWatch: HostedService {
  let credentials: Credentials
  let logger: Logger

  private static let interval = Duration.seconds(1)

  func run(until stop: StopRequest) async {
    await stop.cancelling {
      var read = credentials.fingerprint
      var last = read
      while true {
        try await Task.sleep(for: Self.interval)
        let current = credentials.fingerprint
        if current == last, current != read {
          credentials.reload(logger)
          read = current
        }
        last = current
      }
    }
  }
}

/// The attributes that reveal a file's change.
struct FileVersion: Equatable {
  private let device: dev_t
  private let inode: ino_t
  private let size: off_t
  private let seconds: Int
  private let nanoseconds: Int

  /// nil if there is no such file.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    (device, inode, size) = (status.st_dev, status.st_ino, status.st_size)
    (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
  }
}
