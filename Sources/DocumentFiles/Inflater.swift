import CZlib

/// Decompresses what gzip makes, members one after the other, a chunk at a time: however much a few bytes expand to,
/// no more than a chunk of it is held. Zeros behind a member are passed over, as gzip does: tapes and some stores fill
/// their blocks with them.
final class Inflater {
  struct Failure: Error {
    let reason: String
  }

  /// What each member begins with.
  static let magic: [UInt8] = [0x1f, 0x8b]

  private let stream: UnsafeMutablePointer<z_stream>
  private var isOpen = false
  private var input: [UInt8] = []
  private var position = 0
  /// Whether what came so far is whole.
  private(set) var isBetweenMembers = true

  init() {
    // zlib's state knows the address of its stream.
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
  }

  deinit {
    if isOpen { inflateEnd(stream) }
    stream.deallocate()
  }

  func append(_ bytes: [UInt8]) {
    input.removeSubrange(..<position)
    position = 0
    input += bytes
  }

  /// The next bytes, up to so many; empty where more must be appended first.
  func next(upTo count: Int) throws(Failure) -> [UInt8] {
    while position < input.count {
      if isBetweenMembers {
        if try passPadding() { continue }
        try begin()
      }
      var status = Z_OK
      let output = [UInt8](unsafeUninitializedCapacity: count) { target, filled in
        let taken = input.withUnsafeMutableBufferPointer { source in
          stream.pointee.next_in = source.baseAddress.map { $0 + position }
          stream.pointee.avail_in = UInt32(source.count - position)
          stream.pointee.next_out = target.baseAddress
          stream.pointee.avail_out = UInt32(count)
          status = inflate(stream, Z_NO_FLUSH)
          return source.count - position - Int(stream.pointee.avail_in)
        }
        position += taken
        filled = count - Int(stream.pointee.avail_out)
      }
      switch status {
      case Z_OK, Z_BUF_ERROR: break
      case Z_STREAM_END: isBetweenMembers = true
      case Z_MEM_ERROR: throw Failure(reason: "there is no memory for it")
      default: throw Failure(reason: stream.pointee.msg.map { String(cString: $0) } ?? "not what gzip makes")
      }
      if !output.isEmpty { return output }
    }
    return []
  }

  /// Passes a zero behind a member.
  private func passPadding() throws(Failure) -> Bool {
    guard isOpen, input[position] != Self.magic[0] else { return false }
    guard input[position] == 0 else { throw Failure(reason: "other bytes follow its end") }
    position += 1
    return true
  }

  private func begin() throws(Failure) {
    let status =
      isOpen
      ? inflateReset(stream)
      : inflateInit2_(stream, MAX_WBITS + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw Failure(reason: "there is no memory for it") }
    isOpen = true
    isBetweenMembers = false
  }
}
