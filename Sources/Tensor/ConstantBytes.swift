/// Bytes that never change, so that threads may share them: memory of this process, or a part of a mapped file.
public struct ConstantBytes: @unchecked Sendable {
  public let count: Int
  let start: UnsafeRawPointer
  /// Keeps the memory.
  private let owner: AnyObject

  /// What a buffer holds; nobody may write to it any more.
  init(_ buffer: AlignedBuffer) {
    count = buffer.byteCount
    start = UnsafeRawPointer(buffer.start)
    owner = buffer
  }

  /// A part of memory that its owner keeps unchanged, from a multiple of 64 bytes on.
  public init(_ memory: UnsafeRawBufferPointer, owner: AnyObject) {
    precondition(Int(bitPattern: memory.baseAddress) % 64 == 0, "not at a cache line")
    guard let start = memory.baseAddress else { preconditionFailure("no memory") }
    count = memory.count
    self.start = start
    self.owner = owner
  }

  /// Reads the bytes; the pointer must not be kept.
  public func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(owner) {} }
    return try body(UnsafeRawBufferPointer(start: start, count: count))
  }
}
