import Dispatch
import DocumentFiles
import Synchronization

/// Documents that were read together.
struct DocumentWindow: Sendable {
  /// Empty only in the last window, which has the position at the end of the file.
  let documents: [InputDocument]
  /// The file's position before the documents and after them.
  let start: DocumentFile.Position
  let end: DocumentFile.Position
  /// The number of bytes read of the file as it is stored, up to that position or slightly beyond.
  let bytesRead: Int
}

/// Reads a file window by window on its own thread, so that only the reader waits for an input without available data.
///
/// Only that thread uses the file, so the class is Sendable.
final class WindowReader: @unchecked Sendable {
  private var file: DocumentFile
  /// Signalled for each window that may be read.
  private let room = DispatchSemaphore(value: 0)
  private let isStopped = Atomic<Bool>(false)

  /// The number of documents in a window: enough to fill every thread's batches many times.
  private static let windowDocuments = 512
  /// Maximum unfinished windows: while one is encoded, the next one is read and waits, so that no thread is idle.
  private static let maxOpenWindows = 2

  init(_ file: DocumentFile) {
    self.file = file
    for _ in 0..<Self.maxOpenWindows { room.signal() }
  }

  /// Begins to read.
  /// - Parameter prepare: called with each window as soon as it is read, on the reader's thread.
  /// - Returns: the windows in order; call ``windowIsDone()`` after each.
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

  /// Allows another window to be read.
  func windowIsDone() { room.signal() }

  /// Stops reading.
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
