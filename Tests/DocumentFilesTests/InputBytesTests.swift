import CZlib
import TestSupport
import Testing

@testable import DocumentFiles

/// Bytes of plain files, and decompressed bytes of gzip files.
@Suite struct InputBytesTests {
  /// Compresses bytes to one gzip member.
  private static func compressed(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    deflateInit2_(
      &stream, 1, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    defer { deflateEnd(&stream) }
    var source = bytes
    return [UInt8](unsafeUninitializedCapacity: Int(deflateBound(&stream, UInt(bytes.count)))) { target, count in
      source.withUnsafeMutableBufferPointer { source in
        stream.next_in = source.baseAddress
        stream.avail_in = UInt32(source.count)
        stream.next_out = target.baseAddress
        stream.avail_out = UInt32(target.count)
        deflate(&stream, Z_FINISH)
      }
      count = target.count - Int(stream.avail_out)
    }
  }

  private static func all(_ path: String) throws -> [UInt8] {
    let bytes = try InputBytes(path: path)
    var all: [UInt8] = []
    while true {
      let chunk = try bytes.next()
      #expect(chunk.count <= 1 << 18, "no more than a chunk at a time")
      if chunk.isEmpty { return all }
      all += chunk
    }
  }

  private static func lines(_ count: Int, _ generator: inout SeededGenerator) -> [UInt8] {
    (0..<count).flatMap { _ in
      (0..<Int.random(in: 0...80, using: &generator)).map { _ in UInt8.random(in: 32...126, using: &generator) } + [10]
    }
  }

  @Test func membersFollowEachOther() throws {
    var generator = SeededGenerator(seed: 5)
    let parts = [0, 1, 20_000, 0, 3, 9_000].map { Self.lines($0, &generator) }
    let folder = try TemporaryFolder()
    let path = try folder.write("in.gz", bytes: parts.flatMap(Self.compressed))
    #expect(try Self.all(path) == parts.flatMap(\.self))
  }

  @Test(arguments: [1, 511, 300_000])
  func zerosBehindAMemberArePassed(count: Int) throws {
    let folder = try TemporaryFolder()
    let zeros = [UInt8](repeating: 0, count: count)
    let parts = [Self.compressed([1]), Self.compressed([2])]
    #expect(try Self.all(folder.write("in.gz", bytes: parts[0] + zeros + parts[1] + zeros)) == [1, 2])
  }

  @Test(arguments: [[7], [0, 0, 7], Array("rest".utf8)] as [[UInt8]])
  func otherBytesBehindTheLastMemberAreDamage(rest: [UInt8]) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("in.gz", bytes: Self.compressed([1]) + rest)
    let failure = try #require(throws: InputError.self) { try Self.all(path) }
    #expect(failure.description.contains("damaged"))
    #expect(failure.description.hasSuffix("other bytes follow its end"))
  }

  @Test func zerosThatExpandAThousandfoldComeInChunks() throws {
    let zeros = [UInt8](repeating: 0, count: 20 << 20)
    let folder = try TemporaryFolder()
    #expect(try Self.all(folder.write("in.gz", bytes: Self.compressed(zeros))).count == zeros.count)
  }

  @Test func aFileThatEndsAnywhereIsNotWhole() throws {
    var generator = SeededGenerator(seed: 6)
    let whole = Self.compressed(Self.lines(10, &generator))
    let folder = try TemporaryFolder()
    for end in 2..<whole.count {
      let path = try folder.write("in.gz", bytes: Array(whole[..<end]))
      let failure = try #require(throws: InputError.self) { try Self.all(path) }
      #expect(failure.description == "\(path): the compressed file ends too early")
    }
  }

  @Test func aFileThatIsDamagedAnywhereIsFoundOut() throws {
    var generator = SeededGenerator(seed: 7)
    let bytes = Self.lines(10, &generator)
    let whole = Self.compressed(bytes)
    let folder = try TemporaryFolder()
    var found = 0
    // After the header, whose time and system do not affect the content.
    for place in 10..<whole.count {
      var damaged = whole
      damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      let path = try folder.write("in.gz", bytes: damaged)
      // A few bits have no meaning, such as the padding of the last byte.
      do { #expect(try Self.all(path) == bytes, "byte \(place)") } catch is InputError { found += 1 }
    }
    #expect(found > whole.count - 10 - 5)
  }

  @Test(arguments: [false, true])
  func readingCanBeginBehindAnyLine(isCompressed: Bool) throws {
    var generator = SeededGenerator(seed: 8)
    let bytes = Self.lines(30_000, &generator)
    let folder = try TemporaryFolder()
    let path = try folder.write("in", bytes: isCompressed ? Self.compressed(bytes) : bytes)
    let ends = bytes.indices.filter { bytes[$0] == 10 }
    for end in [ends[0], ends[1], ends[777], ends[29_000], ends.last!] {
      let input = try InputBytes(path: path)
      var rest = try input.skip(to: end + 1)
      while case let chunk = try input.next(), !chunk.isEmpty { rest += chunk }
      #expect(rest == Array(bytes[(end + 1)...]))
    }
    let open = try folder.write("open", bytes: isCompressed ? Self.compressed(Array("a\nb".utf8)) : Array("a\nb".utf8))
    #expect(try InputBytes(path: open).skip(to: 3).isEmpty, "the last line may be without its end")
    for offset in [1, bytes.count - 1, bytes.count + 1, bytes.count + 1_000_000]
    where bytes.count < offset || bytes[offset - 1] != 10 {
      let failure = try #require(throws: InputError.self) { try InputBytes(path: path).skip(to: offset) }
      #expect(failure.description.contains("no line ends at byte \(offset)"))
    }
  }
}
