import TestSupport

/// Kinds of damage to a valid message.
enum Mutation: CaseIterable {
  case flipBit, setByte, insert, remove, cut, repeatSlice, swapSlices

  static func apply(to bytes: [UInt8], times: Int, using generator: inout SeededGenerator) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<times {
      guard !bytes.isEmpty, let mutation = allCases.randomElement(using: &generator) else { break }
      mutation.apply(to: &bytes, using: &generator)
    }
    return bytes
  }

  private func apply(to bytes: inout [UInt8], using generator: inout SeededGenerator) {
    let place = Int.random(in: bytes.indices, using: &generator)
    let interesting: [UInt8] = [0x00, 0x01, 0x0a, 0x12, 0x1a, 0x22, 0x7f, 0x80, 0xff, 0xc3, 0x0b]
    switch self {
    case .flipBit: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    case .setByte: bytes[place] = interesting.randomElement(using: &generator) ?? 0
    case .insert: bytes.insert(UInt8.random(in: .min ... .max, using: &generator), at: place)
    case .remove: bytes.remove(at: place)
    case .cut: bytes.removeSubrange(place...)
    case .repeatSlice:
      let end = Int.random(in: place..<bytes.count, using: &generator)
      bytes.insert(contentsOf: bytes[place...end], at: Int.random(in: 0...bytes.count, using: &generator))
    case .swapSlices:
      let tail = Array(bytes[place...])
      bytes.removeSubrange(place...)
      bytes.insert(contentsOf: tail, at: 0)
    }
  }
}
