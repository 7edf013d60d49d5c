/// Reads a pickle as data: a stack machine over a table of allowed opcodes and globals, with bounds on all sizes. The
/// reader imports, calls and constructs nothing. An unknown opcode or global is an error that names it and its offset.
struct PickleReader {
  static let pickleBytesMax = 64 << 20
  static let stackCountMax = 1 << 20
  static let memoCountMax = 1 << 20
  static let objectCountMax = 1 << 20
  static let itemCountMax = 1 << 22
  static let depthMax = 64
  static let stringBytesMax = 1 << 20
  /// Maximum dimensions of a tensor, as in PyTorch.
  static let rankMax = 64

  private(set) var input: PickleInput
  let site: ErrorSite
  let format: Format
  var position = 0
  /// The offset of the current opcode, for errors.
  var opcodeOffset = 0
  var stack: [PickleValue] = []
  /// Stack heights at the open marks.
  var marks: [Int] = []
  var memo: [Int: PickleValue] = [:]
  var graph = PickleGraph()
  /// The number of items in all containers together.
  var itemCount = 0

  /// The kind of file that contains a pickle.
  enum Format {
    /// A storage's persistent id is `("storage", type, key, location, element count)`.
    case zip
    /// The persistent id also has a view of the storage: `(key, offset, element count)` or None. Python 2 may have
    /// written the file.
    case legacy
  }

  /// Reads a whole pickle of a zip file; errors name `site`.
  static func read(_ bytes: [UInt8], site: ErrorSite) throws(ModelError) -> PickleGraph {
    guard bytes.count <= pickleBytesMax else {
      throw site.error("the pickle has \(bytes.count) bytes, at most \(pickleBytesMax) are allowed")
    }
    var reader = PickleReader(PickleInput(bytes), site: site, format: .zip)
    let graph = try reader.run()
    guard reader.position == bytes.count else {
      throw reader.fault("leaves \(bytes.count - reader.position) bytes unread")
    }
    return graph
  }

  /// Reads a pickle of a file in torch's legacy format.
  /// - Parameter offset: where the pickle begins in the file.
  /// - Returns: the pickle's content, and the offset of its end in the file.
  static func read(
    from file: RandomAccessFile, at offset: Int, site: ErrorSite
  ) throws(ModelError) -> (graph: PickleGraph, end: Int) {
    let input = PickleInput(file: file, from: offset, bytesMax: pickleBytesMax)
    var reader = PickleReader(input, site: site, format: .legacy)
    let graph = try reader.run()
    return (graph, offset + reader.position)
  }

  private init(_ input: PickleInput, site: ErrorSite, format: Format) {
    self.input = input
    self.site = site
    self.format = format
  }

  private mutating func run() throws(ModelError) -> PickleGraph {
    try input.load(upTo: min(1, input.count))
    guard input.bytes.first == PickleOpcode.proto.rawValue else {
      throw site.error("does not begin as a pickle of protocol 2 or later")
    }
    while true {
      opcodeOffset = position
      let byte = try readByte()
      guard let opcode = PickleOpcode(rawValue: byte) else {
        throw fault("is not allowed (a checkpoint may hold tensors and plain values only)")
      }
      if opcode == .stop { break }
      try execute(opcode)
    }
    guard stack.count == 1, marks.isEmpty else {
      throw fault("leaves \(stack.count) values and \(marks.count) marks unread")
    }
    graph.root = stack[0]
    return graph
  }

  private mutating func execute(_ opcode: PickleOpcode) throws(ModelError) {
    switch opcode {
    case .proto, .frame, .mark: try executeFraming(opcode)
    case .none: try push(.none)
    case .newTrue: try push(.bool(true))
    case .newFalse: try push(.bool(false))
    case .binInt: try push(.int(Int(Int32(truncatingIfNeeded: try readLittleEndian(byteCount: 4)))))
    case .binInt1: try push(.int(Int(try readByte())))
    case .binInt2: try push(.int(Int(try readLittleEndian(byteCount: 2))))
    case .long1: try push(.int(try readLong()))
    case .binFloat: try push(.double(try readDouble()))
    case .binUnicode: try push(.string(try readString(byteCount: Int(try readLittleEndian(byteCount: 4)))))
    case .binString: try push(.string(try readString(byteCount: Int(try readLittleEndian(byteCount: 4)))))
    case .shortBinUnicode, .shortBinString: try push(.string(try readString(byteCount: Int(try readByte()))))
    case .binPut: try remember(at: Int(try readByte()))
    case .longBinPut: try remember(at: Int(try readLittleEndian(byteCount: 4)))
    case .memoize: try remember(at: memo.count)
    case .binGet: try recall(Int(try readByte()))
    case .longBinGet: try recall(Int(try readLittleEndian(byteCount: 4)))
    case .emptyTuple, .emptyList, .emptyDictionary, .tuple, .tuple1, .tuple2, .tuple3, .append, .appends, .setItem,
      .setItems:
      try executeContainer(opcode)
    case .global, .stackGlobal, .reduce, .newObject, .build, .binPersistentID: try executeObject(opcode)
    case .stop: break
    }
  }

  private mutating func executeFraming(_ opcode: PickleOpcode) throws(ModelError) {
    switch opcode {
    case .proto:
      let version = try readByte()
      guard opcodeOffset == 0, (2...5).contains(version) else {
        throw fault("states protocol \(version) at this place, which cannot be read")
      }
    case .frame:
      // A frame only tells how much to read ahead; its bytes are ordinary opcodes.
      guard try readLittleEndian(byteCount: 8) <= UInt64(input.count - position) else {
        throw fault("reaches past the end of the pickle: it is truncated")
      }
    default:
      guard marks.count < Self.depthMax else { throw fault("nests deeper than \(Self.depthMax) levels") }
      marks.append(stack.count)
    }
  }

  // MARK: Stack and memo

  mutating func push(_ value: PickleValue) throws(ModelError) {
    guard stack.count < Self.stackCountMax else {
      throw fault("makes the stack larger than \(Self.stackCountMax) values")
    }
    stack.append(value)
  }

  /// Pops the topmost value above the last mark.
  mutating func pop() throws(ModelError) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.popLast() else {
      throw fault("needs a value that is not on the stack")
    }
    return value
  }

  /// Pops all values above the last mark, and the mark.
  mutating func popToMark() throws(ModelError) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw fault("has no mark on the stack") }
    let values = Array(stack[mark...])
    stack.removeSubrange(mark...)
    return values
  }

  private mutating func remember(at index: Int) throws(ModelError) {
    guard stack.count > marks.last ?? 0, let value = stack.last else {
      throw fault("needs a value that is not on the stack")
    }
    guard memo.count < Self.memoCountMax || memo[index] != nil else {
      throw fault("makes the memo larger than \(Self.memoCountMax) values")
    }
    memo[index] = value
  }

  private mutating func recall(_ index: Int) throws(ModelError) {
    guard let value = memo[index] else { throw fault("asks for memo \(index), which is not set") }
    try push(value)
  }

  // MARK: Literals

  mutating func readByte() throws(ModelError) -> UInt8 {
    guard position < input.count else {
      throw site.error(
        input.isCapped
          ? "the pickle has more than \(Self.pickleBytesMax) bytes, which is too large"
          : "the pickle ends at \(input.origin + position) without STOP: truncated")
    }
    try input.load(upTo: position + 1)
    defer { position += 1 }
    return input.bytes[position]
  }

  private mutating func readLittleEndian(byteCount: Int) throws(ModelError) -> UInt64 {
    guard input.count - position >= byteCount else {
      throw fault("needs \(byteCount) bytes past the end of the pickle: it is truncated")
    }
    try input.load(upTo: position + byteCount)
    defer { position += byteCount }
    return input.bytes.littleEndian(at: position, byteCount: byteCount)
  }

  private mutating func readLong() throws(ModelError) -> Int {
    let byteCount = Int(try readByte())
    guard byteCount <= 8 else { throw fault("holds an integer of \(byteCount) bytes, at most 8 are allowed") }
    guard byteCount > 0 else { return 0 }
    let unusedBits = UInt64(64 - 8 * byteCount)
    let value = try readLittleEndian(byteCount: byteCount)
    return Int(Int64(bitPattern: value << unusedBits) >> Int64(unusedBits))
  }

  private mutating func readDouble() throws(ModelError) -> Double {
    Double(bitPattern: try readLittleEndian(byteCount: 8).byteSwapped)
  }

  mutating func readString(byteCount: Int) throws(ModelError) -> String {
    guard byteCount <= Self.stringBytesMax else {
      throw fault("holds a string of \(byteCount) bytes, at most \(Self.stringBytesMax) are allowed")
    }
    guard input.count - position >= byteCount else {
      throw fault("holds a string of \(byteCount) bytes past the end of the pickle: it is truncated")
    }
    try input.load(upTo: position + byteCount)
    guard let text = String(validating: input.bytes[position..<(position + byteCount)], as: UTF8.self) else {
      throw fault("holds a string that is not UTF-8")
    }
    position += byteCount
    return text
  }

  /// Reads the text up to the end of the line, and skips the line end.
  mutating func readLine() throws(ModelError) -> String {
    let limit = min(input.count, position + Self.stringBytesMax)
    var end: Int?
    while end == nil {
      end = input.bytes[position...].prefix(Self.stringBytesMax).firstIndex(of: 0x0a)
      guard end != nil || input.bytes.count < limit else {
        throw fault("names a global without the end of a line: it is truncated")
      }
      if end == nil { try input.load(upTo: input.bytes.count + 1) }
    }
    let line = try readString(byteCount: (end ?? position) - position)
    position += 1
    return line
  }

  /// An error about the current opcode; for a pickle in a file, the offset is that in the file.
  func fault(_ reason: String) -> ModelError {
    let byte = opcodeOffset < input.bytes.count ? input.bytes[opcodeOffset] : 0
    let name = PickleOpcode.name(of: byte) ?? "0x" + String(byte, radix: 16)
    return site.error("opcode \(name) at \(input.origin + opcodeOffset): \(reason)")
  }
}
