import CZlib

/// Decompresses gzip, member by member and chunk by chunk: however much a few bytes expand, the inflater holds no more
/// than one chunk. It skips zeros after a member, as gzip does, because tapes and some stores pad their blocks with
/// zeros.
final class Inflater {
  struct Failure: Error {
    let reason: String
  }

  /// The first bytes of each member.
  static let magic: [UInt8] = [0x1f, 0x8b]

  private let stream: UnsafeMutablePointer<z_stream>
  private var isOpen = false
  private var input: [UInt8] = []
  private var position = 0
  /// Whether the bytes so far are complete members.
  private(set) var isBetweenMembers = true

  init() {
    // zlib's state contains the address of its stream.
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

  /// Up to `count` bytes; empty if more input must be appended first.
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

  /// Skips a zero after a member.
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
