/// The format of a weights file, detected from its first bytes.
enum FileContent {
  case zip
  /// The format of `torch.save` before version 1.6.
  case legacyTorch
  case safetensors

  private static let headBytesMax = 1024

  /// Throws for every file that is not weights in a supported format; the error says what the file is instead.
  static func sniff(_ file: RandomAccessFile) throws(ModelError) -> FileContent {
    let site = ErrorSite(file: file.path)
    let head = try file.bytes(at: 0, count: min(file.size, headBytesMax))
    guard !head.isEmpty else { throw site.error("is empty") }
    try refuseStandIn(head, site: site)
    if head.starts(with: [0x50, 0x4b, 0x03, 0x04]) || head.starts(with: [0x50, 0x4b, 0x05, 0x06]) { return .zip }
    if head.count > 8, head[8] == UInt8(ascii: "{") { return .safetensors }
    if LegacyTorchFile.endOfMagic(in: head) != nil { return .legacyTorch }
    if hasMagic("ustar", at: 257, in: head) {
      throw site.error(
        "is a tar file, as torch wrote before version 0.2; save it again: "
          + #"torch.save(torch.load(F, map_location="cpu", weights_only=False), G)"#)
    }
    throw site.error(
      "is \(describe(head)): weights come as a file of torch.save (*.ckpt, pytorch_model.bin) or as safetensors")
  }

  /// Throws if a file's first bytes show that a download left something else in its place.
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

  private static func describe(_ head: [UInt8]) -> String {
    if head.first == 0x80 { return "a bare pickle" }
    if hasMagic("L119547037146038801333356L", at: 0, in: head) {
      return "a file of torch.save with pickle protocol 0 or 1"
    }
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
