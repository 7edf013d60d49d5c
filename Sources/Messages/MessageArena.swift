import CProtobufC

/// Memory for one protobuf-c message, freed as a whole.
///
/// As a `ProtobufCAllocator`, the arena provides zeroed memory up to a budget. Beyond the budget, allocation fails, and
/// protobuf-c's unpacking fails with it. Freeing single objects does nothing.
final class MessageArena {
  private var chunks: [UnsafeMutableRawPointer] = []
  private var chunkFree = 0
  private var chunkNext: UnsafeMutableRawPointer?
  private var remainingBudget: Int

  /// Bytes of the next chunk: a short message needs little.
  private var chunkBytes = 1 << 10

  private static let chunkBytesMax = 64 << 10
  private static let alignment = 16

  /// - Parameter budget: maximum bytes of all allocations.
  init(budget: Int) {
    precondition(budget <= .max - Self.alignment)
    remainingBudget = budget
  }

  deinit {
    for chunk in chunks { chunk.deallocate() }
  }

  /// Zeroed memory; nil beyond the budget.
  func allocate(_ bytes: Int) -> UnsafeMutableRawPointer? {
    guard bytes >= 0, bytes <= remainingBudget else { return nil }
    let size = (max(bytes, 1) + Self.alignment - 1) & ~(Self.alignment - 1)
    guard size <= remainingBudget else { return nil }
    remainingBudget -= size
    if size > chunkFree { addChunk(atLeast: size) }
    guard let result = chunkNext else { return nil }
    chunkNext = result + size
    chunkFree -= size
    return result
  }

  private func addChunk(atLeast size: Int) {
    let bytes = max(size, chunkBytes)
    chunkBytes = min(2 * chunkBytes, Self.chunkBytesMax)
    let chunk = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: Self.alignment)
    chunk.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    chunks.append(chunk)
    chunkNext = chunk
    chunkFree = bytes
  }

  /// Calls `body` with an allocator that uses this arena.
  func withAllocator<Result>(_ body: (UnsafeMutablePointer<ProtobufCAllocator>) throws -> Result) rethrows -> Result {
    var allocator = ProtobufCAllocator(
      alloc: { context, size in
        context.flatMap { Unmanaged<MessageArena>.fromOpaque($0).takeUnretainedValue().allocate(size) }
      },
      free: { _, _ in },
      allocator_data: Unmanaged.passUnretained(self).toOpaque())
    return try withExtendedLifetime(self) { try body(&allocator) }
  }
}

/// Functions to build messages to send; the messages stay valid as long as the arena.
extension MessageArena {
  /// An arena for messages that the server itself builds, which need no limit.
  static func forReply() -> MessageArena {
    MessageArena(budget: .max >> 1)
  }

  /// Memory for `count` values, initialised by protobuf-c's own initialiser.
  func messages<Message>(
    _ count: Int, initialize: (UnsafeMutablePointer<Message>) -> Void
  ) -> UnsafeMutablePointer<Message> {
    let values: UnsafeMutablePointer<Message> = array(count)
    for index in 0..<count { initialize(values + index) }
    return values
  }

  /// Zeroed memory for `count` values.
  func array<Element>(_ count: Int) -> UnsafeMutablePointer<Element> {
    guard let memory = allocate(count * MemoryLayout<Element>.stride) else {
      preconditionFailure("an arena for replies has no budget")
    }
    return memory.bindMemory(to: Element.self, capacity: max(count, 1))
  }

  /// A copy of the values.
  func copy<Element: BitwiseCopyable>(_ values: [Element]) -> UnsafeMutablePointer<Element> {
    let copy: UnsafeMutablePointer<Element> = array(values.count)
    copy.update(from: values, count: values.count)
    return copy
  }

  /// A copy of the text, terminated by a NUL as C needs it.
  func string(_ text: String) -> UnsafeMutablePointer<CChar> {
    var text = text
    return text.withUTF8 { bytes in
      let copy: UnsafeMutablePointer<CChar> = array(bytes.count + 1)
      UnsafeMutableRawBufferPointer(start: copy, count: bytes.count).copyMemory(from: UnsafeRawBufferPointer(bytes))
      return copy
    }
  }

  /// An array of copies of the texts, in protobuf-c's form of repeated strings.
  func strings(_ texts: [String]) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
    let copies: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> = array(texts.count)
    for (index, text) in texts.enumerated() { copies[index] = string(text) }
    return copies
  }
}
