/// Parses exactly the JSON that a safetensors header may be: an object of
/// `{"dtype": string, "shape": [integers], "data_offsets": [begin, end]}`, and `__metadata__` of strings.
struct SafetensorsHeader {
  /// A tensor as the header describes it.
  struct Record {
    let name: String
    var elementType = ""
    var shape: [Int] = []
    /// The offset in bytes from the end of the header.
    var begin = 0
    var end = 0
  }

  private static let rankMax = 64
  private static let recordCountMax = 1 << 20

  private let bytes: [UInt8]
  private let site: ErrorSite
  private var position = 0

  init(bytes: [UInt8], site: ErrorSite) {
    self.bytes = bytes
    self.site = site
  }

  /// The header's tensors in its order. `__metadata__` is checked and omitted.
  mutating func records() throws(ModelError) -> [Record] {
    var records: [Record] = []
    try parseObject { parser, name throws(ModelError) in
      if name == "__metadata__" {
        try parser.parseObject { parser, _ throws(ModelError) in _ = try parser.parseString() }
        return
      }
      guard records.count < Self.recordCountMax else {
        throw parser.fault("more than \(Self.recordCountMax) tensors")
      }
      records.append(try parser.parseRecord(name))
    }
    skipSpace()
    guard position == bytes.count else { throw fault("text after the end of the JSON object") }
    return records
  }

  private mutating func parseRecord(_ name: String) throws(ModelError) -> Record {
    var record = Record(name: name)
    var keys: Set<String> = []
    try parseObject { parser, key throws(ModelError) in
      guard keys.insert(key).inserted else { throw parser.fault("key \(key) twice") }
      switch key {
      case "dtype": record.elementType = try parser.parseString()
      case "shape": record.shape = try parser.parseIntegers()
      case "data_offsets":
        let offsets = try parser.parseIntegers()
        guard offsets.count == 2 else { throw parser.fault("data_offsets are not two integers") }
        (record.begin, record.end) = (offsets[0], offsets[1])
      default: throw parser.fault("unknown key \(key)")
      }
    }
    guard keys.count == 3 else { throw fault("tensor \(name) lacks one of dtype, shape, data_offsets") }
    return record
  }

  /// Calls `member` with each key, when the cursor is at its value.
  private mutating func parseObject(
    _ member: (inout SafetensorsHeader, String) throws(ModelError) -> Void
  ) throws(ModelError) {
    try expect("{")
    guard !skip("}") else { return }
    repeat {
      let key = try parseString()
      try expect(":")
      try member(&self, key)
    } while skip(",")
    try expect("}")
  }

  private mutating func parseIntegers() throws(ModelError) -> [Int] {
    try expect("[")
    var integers: [Int] = []
    guard !skip("]") else { return integers }
    repeat {
      guard integers.count < Self.rankMax else { throw fault("more than \(Self.rankMax) integers") }
      integers.append(try parseInteger())
    } while skip(",")
    try expect("]")
    return integers
  }

  private mutating func parseInteger() throws(ModelError) -> Int {
    skipSpace()
    let digits = bytes[position...].prefix(20).prefix { (0x30...0x39).contains($0) }
    guard let integer = Int(String(decoding: digits, as: UTF8.self)) else {
      throw fault("no integer from 0 to 2⁶³−1")
    }
    position += digits.count
    return integer
  }

  private mutating func parseString() throws(ModelError) -> String {
    try expect("\"")
    var text: [UInt8] = []
    while position < bytes.count, bytes[position] >= 0x20 {
      let byte = bytes[position]
      position += 1
      if byte == UInt8(ascii: "\"") {
        guard let string = String(validating: text, as: UTF8.self) else { throw fault("a string is not UTF-8") }
        return string
      }
      if byte == UInt8(ascii: "\\") {
        text += Array(String(try parseEscape()).utf8)
      } else {
        text.append(byte)
      }
    }
    throw fault("a string does not end")
  }

  private mutating func parseEscape() throws(ModelError) -> Unicode.Scalar {
    guard position < bytes.count else { throw fault("a string does not end") }
    let byte = bytes[position]
    position += 1
    let simple: [UInt8: Unicode.Scalar] = [
      0x22: "\"", 0x5c: "\\", 0x2f: "/", 0x62: "\u{8}", 0x66: "\u{c}", 0x6e: "\n", 0x72: "\r", 0x74: "\t",
    ]
    if let scalar = simple[byte] { return scalar }
    guard byte == UInt8(ascii: "u") else { throw fault("unknown escape in a string") }
    let unit = try parseHexadecimal()
    if let scalar = Unicode.Scalar(unit) { return scalar }
    // This is the first half of a surrogate pair: the second half must follow.
    guard unit < 0xdc00, bytes[position...].starts(with: [0x5c, 0x75]) else { throw fault("half a surrogate pair") }
    position += 2
    let low = try parseHexadecimal()
    guard (0xdc00..<0xe000).contains(low),
      let scalar = Unicode.Scalar(0x1_0000 + (unit - 0xd800) << 10 + (low - 0xdc00))
    else { throw fault("half a surrogate pair") }
    return scalar
  }

  private mutating func parseHexadecimal() throws(ModelError) -> UInt32 {
    let digits = bytes[position...].prefix(4)
    let isHexadecimal = digits.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
    guard digits.count == 4, isHexadecimal, let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw fault("a \\u escape without four hexadecimal digits") }
    position += 4
    return value
  }

  private mutating func expect(_ scalar: Unicode.Scalar) throws(ModelError) {
    guard skip(scalar) else { throw fault("no \(scalar)") }
  }

  /// Skips white space and then `scalar`; returns false if something else is there.
  private mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
    skipSpace()
    guard position < bytes.count, bytes[position] == UInt8(ascii: scalar) else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while position < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[position]) {
      position += 1
    }
  }

  private func fault(_ reason: String) -> ModelError {
    site.error("is not a safetensors header: \(reason) at \(position)")
  }
}
