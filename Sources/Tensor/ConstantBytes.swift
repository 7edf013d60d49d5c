/// Bytes that never change, so threads may share them: memory of this process, or a part of a mapped file.
public struct ConstantBytes: @unchecked Sendable {
  public let count: Int
  let start: UnsafeRawPointer
  /// Keeps the memory alive.
  private let owner: AnyObject

  /// The contents of a buffer, to which no code may write any more.
  init(_ buffer: AlignedBuffer) {
    count = buffer.byteCount
    start = UnsafeRawPointer(buffer.start)
    owner = buffer
  }

  /// A part of memory that its owner does not change; it starts at a multiple of 64 bytes.
  public init(_ memory: UnsafeRawBufferPointer, owner: AnyObject) {
    precondition(Int(bitPattern: memory.baseAddress) % 64 == 0, "not at a cache line")
    guard let start = memory.baseAddress else { preconditionFailure("no memory") }
    count = memory.count
    self.start = start
    self.owner = owner
  }

  /// Calls a closure with the bytes. The closure must not keep the pointer.
  public func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(owner) {} }
    return try body(UnsafeRawBufferPointer(start: start, count: count))
  }
}
