import Dispatch
import DocumentFiles
import Synchronization

/// Documents that were read together.
struct DocumentWindow: Sendable {
  /// None in the last window alone, which tells what the whole file was.
  let documents: [InputDocument]
  /// Where the file stood before them, and stands behind them.
  let start: DocumentFile.Position
  let end: DocumentFile.Position
  /// Of the file as it is stored, up to there or a little further.
  let bytesRead: Int
}

/// Reads a file window by window on a thread of its own, so that nothing but the reader waits for an input that has no
/// more for now.
///
/// The thread alone touches the file, so the class is Sendable.
final class WindowReader: @unchecked Sendable {
  private var file: DocumentFile
  /// A signal for each window that may be read.
  private let room = DispatchSemaphore(value: 0)
  private let isStopped = Atomic<Bool>(false)

  /// Documents of a window: enough to fill every thread's batches many times over.
  private static let windowDocuments = 512
  /// Windows that are not done: while one is encoded the next is read, and waits behind it, so that no thread is idle.
  private static let maxOpenWindows = 2

  init(_ file: DocumentFile) {
    self.file = file
    for _ in 0..<Self.maxOpenWindows { room.signal() }
  }

  /// Begins to read.
  /// - Parameter prepare: what is done with a window as soon as it is read, on the reader's thread.
  /// - Returns: the windows in their order, each to be followed by ``windowIsDone()``.
  func windows<Prepared: Sendable>(
    _ prepare: @escaping @Sendable (DocumentWindow) -> Prepared
  ) -> AsyncThrowingStream<Prepared, any Error> {
    let (stream, continuation) = AsyncThrowingStream.makeStream(of: Prepared.self)
    DispatchQueue(label: "scimult.input").async { [self] in
      do {
        while true {
          room.wait()
          guard !isStopped.load(ordering: .relaxed) else { return continuation.finish() }
          let window = try next()
          continuation.yield(prepare(window))
          guard !window.documents.isEmpty else { return continuation.finish() }
        }
      } catch {
        continuation.finish(throwing: error)
      }
    }
    return stream
  }

  /// Makes room for another window.
  func windowIsDone() { room.signal() }

  /// Reads no further.
  func stop() {
    isStopped.store(true, ordering: .relaxed)
    room.signal()
  }

  private func next() throws -> DocumentWindow {
    let start = file.position
    let documents = try file.next(upTo: Self.windowDocuments)
    return DocumentWindow(documents: documents, start: start, end: file.position, bytesRead: file.bytesRead)
  }
}
