import Glibc

/// Shows the progress of a long command on a terminal's standard error: rate and remaining time.
struct ProgressBar {
  private let totalBytes: Int?
  private let start = ContinuousClock.now
  private let bytesBefore: Int
  private var documents = 0
  private var tokens = 0
  private var lastShown: ContinuousClock.Instant?
  private let isShown = isatty(STDERR_FILENO) == 1

  private static let interval = Duration.milliseconds(200)
  private static let width = 24

  /// - Parameters:
  ///   - totalBytes: the size of the input; nil if unknown, and then no remaining time is shown.
  ///   - bytesRead: the bytes of the input that were read before the work began.
  init(totalBytes: Int?, bytesRead: Int = 0) {
    self.totalBytes = totalBytes
    bytesBefore = bytesRead
  }

  /// - Parameters:
  ///   - documents: the documents done since the last call, with `tokens` tokens.
  ///   - bytesRead: all bytes of the input read so far.
  mutating func update(documents moreDocuments: Int, tokens moreTokens: Int, bytesRead: Int) {
    documents += moreDocuments
    tokens += moreTokens
    let now = ContinuousClock.now
    guard isShown, lastShown.map({ now - $0 >= Self.interval }) ?? true else { return }
    lastShown = now
    let seconds = max((now - start) / .seconds(1), 1e-6)
    let documentRate = Int(Double(documents) / seconds)
    let rates = "\(documents) documents, \(documentRate)/s, \(Int(Double(tokens) / seconds)) tokens/s"
    guard let totalBytes, totalBytes > 0 else { return show(rates) }
    let done = min(Double(bytesRead) / Double(totalBytes), 1)
    let filled = Int(done * Double(Self.width))
    let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: Self.width - filled)
    let fresh = Double(bytesRead - bytesBefore)
    let left = fresh > 0 ? Self.clock(seconds * Double(max(totalBytes - bytesRead, 0)) / fresh) : "?"
    show("[\(bar)] \(Int(done * 100)) %  \(rates), \(left) left")
  }

  /// Removes the bar from the terminal.
  func finish() {
    if lastShown != nil { Console.error("\r\u{1b}[K") }
  }

  private func show(_ text: String) {
    Console.error("\r\u{1b}[K\(text)")
  }

  private static func clock(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded(.up))
    return whole >= 60 ? "\(whole / 60) min \(whole % 60) s" : "\(whole) s"
  }
}
