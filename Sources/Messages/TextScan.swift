/// Checks that bytes, which arrive in pieces, are UTF-8 without a NUL.
struct TextScan {
  enum Fault: Error {
    case notUTF8(byte: Int)
    case nul(byte: Int)

    var description: String {
      switch self {
      case .notUTF8(let byte): "not valid UTF-8 at byte \(byte)"
      case .nul(let byte): "holds a NUL at byte \(byte)"
      }
    }
  }

  /// The beginning of a scalar whose end is in the next piece: at most three bytes.
  private var begun: [UInt8] = []
  /// The number of the text's bytes before it.
  private var position = 0

  /// Checks the next bytes.
  mutating func scan(_ piece: Span<UInt8>) throws(Fault) {
    var start = 0
    if let lead = begun.first {
      var isBroken = false
      while !isBroken, begun.count < Self.scalarBytes(lead), start < piece.count {
        begun.append(piece[start])
        isBroken = !Self.goesOn(piece[start])
        start += 1
      }
      guard isBroken || begun.count == Self.scalarBytes(lead) else { return }
      let scalar = begun
      begun = []
      try check(scalar.span)
    }
    let end = piece.count - Self.bytesOfCutScalar(piece, from: start)
    try check(piece.extracting(start..<end))
    for index in end..<piece.count { begun.append(piece[index]) }
  }

  /// Checks that the text may end here.
  func finish() throws(Fault) {
    guard begun.isEmpty else { throw .notUTF8(byte: position) }
  }

  private mutating func check(_ bytes: Span<UInt8>) throws(Fault) {
    do {
      _ = try UTF8Span(validating: bytes)
    } catch {
      throw .notUTF8(byte: position + error.byteOffsets.lowerBound)
    }
    for index in 0..<bytes.count where bytes[index] == 0 { throw .nul(byte: position + index) }
    position += bytes.count
  }

  /// The number of bytes at the end that begin an incomplete scalar.
  private static func bytesOfCutScalar(_ piece: Span<UInt8>, from start: Int) -> Int {
    var count = 0
    while count < 3, piece.count - count > start {
      count += 1
      let byte = piece[piece.count - count]
      if !goesOn(byte) { return scalarBytes(byte) > count ? count : 0 }
    }
    return 0
  }

  /// Whether a byte continues a scalar: 10xxxxxx.
  private static func goesOn(_ byte: UInt8) -> Bool { byte & 0xc0 == 0x80 }

  /// The length of a scalar according to its first byte; 1 if the byte cannot begin one.
  private static func scalarBytes(_ lead: UInt8) -> Int {
    switch lead {
    case 0xc2...0xdf: 2
    case 0xe0...0xef: 3
    case 0xf0...0xf4: 4
    default: 1
    }
  }
}
