/// The normalised word that is being read: its UTF-8 bytes, at most a given number of characters.
///
/// A longer word becomes `[UNK]` anyway, so its rest is not kept.
struct WordBuffer {
  /// Only the first `byteCount` bytes belong to the word.
  private(set) var storage: [UInt8]
  private(set) var byteCount = 0
  private(set) var characterCount = 0
  private let maxCharacters: Int
  /// The combining characters at the end of the word that canonical ordering may still affect.
  private var combiningRun: [(start: Int, combiningClass: UInt8)] = []

  init(maxCharacters: Int) {
    self.maxCharacters = maxCharacters
    storage = [UInt8](repeating: 0, count: maxCharacters * 4)
  }

  var isEmpty: Bool { characterCount == 0 }

  /// Whether the word is longer than the maximum.
  var isOverlong: Bool { characterCount > maxCharacters }

  @inline(__always)
  mutating func append(ascii byte: UInt8) {
    if characterCount < maxCharacters {
      storage[byteCount] = byte
      byteCount += 1
      characterCount += 1
    } else {
      characterCount = maxCharacters + 1
    }
  }

  mutating func append(_ scalar: UInt32) {
    guard characterCount < maxCharacters else {
      characterCount = maxCharacters + 1
      return
    }
    characterCount += 1
    byteCount += encode(scalar, at: byteCount)
  }

  /// Appends a combining character, before final ones with a higher class.
  mutating func append(_ scalar: UInt32, combiningClass: UInt8) {
    let start = byteCount
    if let last = combiningRun.last, last.start + width(at: last.start) != start {
      combiningRun.removeAll(keepingCapacity: true)
    }
    append(scalar)
    guard !isOverlong else { return }
    let place = combiningRun.firstIndex { $0.combiningClass > combiningClass } ?? combiningRun.endIndex
    guard place < combiningRun.endIndex else {
      combiningRun.append((start, combiningClass))
      return
    }
    let width = byteCount - start
    let destination = combiningRun[place].start
    storage.replaceSubrange(
      destination..<byteCount, with: storage[start..<byteCount] + storage[destination..<start])
    for index in place..<combiningRun.endIndex {
      combiningRun[index].start += width
    }
    combiningRun.insert((destination, combiningClass), at: place)
  }

  /// Ends a run of combining characters: later ones are not moved before this position.
  mutating func endCombiningRun() {
    combiningRun.removeAll(keepingCapacity: true)
  }

  mutating func removeAll() {
    byteCount = 0
    characterCount = 0
    if !combiningRun.isEmpty { endCombiningRun() }
  }

  private func width(at index: Int) -> Int {
    switch storage[index] {
    case ..<0x80: 1
    case ..<0xE0: 2
    case ..<0xF0: 3
    default: 4
    }
  }

  /// Writes a scalar as UTF-8 and returns its width in bytes.
  private mutating func encode(_ scalar: UInt32, at index: Int) -> Int {
    func continuation(_ shift: UInt32) -> UInt8 { 0x80 | UInt8(scalar >> shift & 0x3F) }
    switch scalar {
    case ..<0x80:
      storage[index] = UInt8(scalar)
      return 1
    case ..<0x800:
      storage[index] = 0xC0 | UInt8(scalar >> 6)
      storage[index + 1] = continuation(0)
      return 2
    case ..<0x10000:
      storage[index] = 0xE0 | UInt8(scalar >> 12)
      storage[index + 1] = continuation(6)
      storage[index + 2] = continuation(0)
      return 3
    default:
      storage[index] = 0xF0 | UInt8(scalar >> 18)
      storage[index + 1] = continuation(12)
      storage[index + 2] = continuation(6)
      storage[index + 3] = continuation(0)
      return 4
    }
  }
}
