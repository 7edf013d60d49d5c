import SystemPackage

/// The bytes of a file or of standard input, chunk by chunk; what gzip has compressed comes as it was.
package final class InputBytes {
  /// What errors call the input.
  package let name: String
  /// The size of a regular file as it is stored, in bytes; nil where it cannot be known.
  package let totalBytes: Int?
  /// Of the input as it is stored.
  package private(set) var bytesRead = 0
  private let descriptor: FileDescriptor
  private let closes: Bool
  /// nil before the first bytes, which tell.
  private var isCompressed: Bool?
  private let inflater = Inflater()

  private static let chunkBytes = 1 << 18

  /// - Parameter path: `-` is standard input.
  package init(path: String) throws {
    if path == "-" {
      (name, descriptor, closes, totalBytes) = ("standard input", .standardInput, false, nil)
      return
    }
    do {
      descriptor = try FileDescriptor.open(FilePath(path), .readOnly)
    } catch {
      throw InputError("\(path): cannot be read: \(error)")
    }
    (name, closes) = (path, true)
    // A pipe has no end to seek to.
    totalBytes = (try? descriptor.seek(offset: 0, from: .end)).map(Int.init)
    if totalBytes != nil { _ = try descriptor.seek(offset: 0, from: .start) }
  }

  deinit {
    if closes { try? descriptor.close() }
  }

  /// The next bytes; empty at the end.
  package func next() throws -> [UInt8] {
    guard isCompressed != nil else {
      let first = try read()
      isCompressed = first.starts(with: Inflater.magic)
      guard isCompressed! else { return first }
      inflater.append(first)
      return try nextInflated()
    }
    return isCompressed! ? try nextInflated() : try read()
  }

  /// Passes over what was read before, up to the end of a line, counted as ``next()`` gives bytes.
  /// - Returns: bytes behind it, if some were read.
  /// - Throws: ``InputError`` where no line ends there.
  package func skip(to offset: Int) throws -> [UInt8] {
    var passed = 0
    var chunk = try next()
    if isCompressed == false, totalBytes != nil {
      passed = offset - 1
      _ = try? descriptor.seek(offset: Int64(passed), from: .start)
      bytesRead = passed
      chunk = try next()
    }
    while !chunk.isEmpty, passed + chunk.count < offset {
      passed += chunk.count
      chunk = try next()
    }
    guard passed < offset, passed + chunk.count >= offset, chunk[offset - passed - 1] == UInt8(ascii: "\n") else {
      throw InputError("\(name): no line ends at byte \(offset), where one did before: the file is another")
    }
    return Array(chunk[(offset - passed)...])
  }

  private func read() throws -> [UInt8] {
    do {
      let chunk = try [UInt8](unsafeUninitializedCapacity: Self.chunkBytes) { storage, count in
        count = try descriptor.read(into: UnsafeMutableRawBufferPointer(storage))
      }
      bytesRead += chunk.count
      return chunk
    } catch {
      throw InputError("\(name): cannot be read: \(error)")
    }
  }

  private func nextInflated() throws -> [UInt8] {
    do {
      while true {
        let chunk = try inflater.next(upTo: Self.chunkBytes)
        if !chunk.isEmpty { return chunk }
        let compressed = try read()
        guard !compressed.isEmpty else {
          guard inflater.isBetweenMembers else { throw InputError("\(name): the compressed file ends too early") }
          return []
        }
        inflater.append(compressed)
      }
    } catch let error as Inflater.Failure {
      throw InputError("\(name): the compressed file is damaged, at byte \(bytesRead) or before: \(error.reason)")
    }
  }
}
