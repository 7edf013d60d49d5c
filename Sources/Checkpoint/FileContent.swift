/// What a weights file holds, told from its first bytes.
enum FileContent {
  case zip
  case safetensors

  private static let headBytesMax = 1024

  /// Throws for everything that is not a weights file of a supported format, and says what it is instead.
  static func sniff(_ file: RandomAccessFile) throws(ModelError) -> FileContent {
    let site = ErrorSite(file: file.path)
    let head = try file.bytes(at: 0, count: min(file.size, headBytesMax))
    guard !head.isEmpty else { throw site.error("is empty") }
    try refuseStandIn(head, site: site)
    if head.starts(with: [0x50, 0x4b, 0x03, 0x04]) || head.starts(with: [0x50, 0x4b, 0x05, 0x06]) { return .zip }
    if head.count > 8, head[8] == UInt8(ascii: "{") { return .safetensors }
    if isLegacyTorch(head) {
      throw site.error(
        "is in torch's legacy format; save it again: "
          + #"torch.save(torch.load(F, map_location="cpu", weights_only=False), G)"#)
    }
    throw site.error("is \(describe(head)): weights come as a torch zip (*.ckpt, pytorch_model.bin) or as safetensors")
  }

  /// Throws when a file's first bytes are those of something that a download leaves in the file's place.
  static func refuseStandIn(_ head: [UInt8], site: ErrorSite) throws(ModelError) {
    let text = String(decoding: head.prefix(headBytesMax), as: UTF8.self)
    if text.hasPrefix("version https://git-lfs.github.com/spec/") {
      throw site.error("is a Git LFS pointer, not the file itself; fetch it with: git lfs pull")
    }
    let blank: Set<Character> = [" ", "\t", "\r", "\n", "\r\n", "\u{feff}"]
    let start = text.drop { blank.contains($0) }.prefix(16).lowercased()
    if ["<!doctype", "<html", "<head", "<?xml"].contains(where: start.hasPrefix) {
      throw site.error("is an HTML or XML page, not the file itself; download it again")
    }
  }

  /// The pickled magic number of `torch.save` before version 1.6, or the tar file of versions before 0.2.
  private static func isLegacyTorch(_ head: [UInt8]) -> Bool {
    let magic: [UInt8] = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]
    guard head.first == 0x80 else { return hasMagic("ustar", at: 257, in: head) }
    // Protocol 4 puts a frame of nine bytes between the protocol and the number.
    return head.dropFirst(2).starts(with: magic) || head.dropFirst(11).starts(with: magic)
  }

  private static func describe(_ head: [UInt8]) -> String {
    if head.first == 0x80 { return "a bare pickle" }
    if hasMagic("GGUF", at: 0, in: head) { return "a GGUF file" }
    if hasMagic("HDF", at: 1, in: head) { return "an HDF5 file" }
    if head.starts(with: [0x1f, 0x8b]) { return "a gzip file" }
    if head.first == UInt8(ascii: "{") { return "JSON text" }
    return "of no known format, or truncated"
  }

  private static func hasMagic(_ magic: String, at offset: Int, in head: [UInt8]) -> Bool {
    head.dropFirst(offset).starts(with: magic.utf8)
  }
}
