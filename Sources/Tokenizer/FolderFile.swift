#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A text file of a model folder, read whole.
struct FolderFile {
  /// Larger files are no tokenizer's: the largest BERT vocabularies take some megabytes.
  private static let maxBytes = 256 << 20

  let path: String
  let bytes: [UInt8]

  /// The file, or nil where there is none of that name.
  init?(_ name: String, in files: TokenizerFiles) throws(TokenizerError) {
    switch files {
    case .folder(let folder): try self.init(name, inFolder: folder)
    case .contents(let contents, let path):
      guard let bytes = contents[name] else { return nil }
      self.init(path: path + "/" + name, bytes: bytes)
    }
  }

  private init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
  }

  private init?(_ name: String, inFolder folder: String) throws(TokenizerError) {
    path = folder.hasSuffix("/") ? folder + name : folder + "/" + name
    var isDirectory = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { return nil }
    guard !isDirectory else { throw TokenizerError(file: path, reason: "a folder, not a file") }
    bytes = try Self.read(path)
    try refuseStandIns()
  }

  func error(_ reason: String) -> TokenizerError {
    TokenizerError(file: path, reason: reason)
  }

  /// The whole file as JSON.
  func json() throws(TokenizerError) -> JSONValue {
    guard String(validating: bytes, as: UTF8.self) != nil else { throw error("not UTF-8") }
    do {
      return try JSONReader.read(bytes)
    } catch {
      throw self.error(error.description)
    }
  }

  private static func read(_ path: String) throws(TokenizerError) -> [UInt8] {
    let data: Data
    do {
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      if let size = attributes[.size] as? UInt64, size > maxBytes {
        throw TokenizerError(file: path, reason: "\(size) bytes, more than the limit of \(maxBytes)")
      }
      data = try Data(contentsOf: URL(filePath: path))
    } catch let error as TokenizerError {
      throw error
    } catch {
      let isDenied = (error as? CocoaError)?.code == .fileReadNoPermission
      throw TokenizerError(file: path, reason: isDenied ? "may not be read: permission denied" : "cannot be read")
    }
    return Array(data)
  }

  /// Refuses what a download that went wrong leaves in a file's place.
  private func refuseStandIns() throws(TokenizerError) {
    let start = String(decoding: bytes.prefix(512), as: UTF8.self)
    if start.hasPrefix("version https://git-lfs.github.com/spec/") {
      throw error("a Git LFS pointer in place of the file; fetch it with `git lfs pull`")
    }
    let markup = start.drop { $0.isWhitespace }.prefix(14).lowercased()
    if markup.hasPrefix("<!doctype html") || markup.hasPrefix("<html") {
      throw error("an HTML page in place of the file; download it again")
    }
  }
}
