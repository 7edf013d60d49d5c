import JSON

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
    guard try Self.isThere(path) else { return nil }
    bytes = try Self.read(path)
    try refuseStandIns()
  }

  func error(_ reason: String) -> TokenizerError {
    TokenizerError(file: path, reason: reason)
  }

  /// The whole file as a JSON object.
  func object() throws(TokenizerError) -> JSONValue {
    let value: JSONValue
    do {
      value = try JSONReader(.strict).read(bytes)
    } catch {
      throw self.error(error.description)
    }
    guard value.object != nil else { throw self.error("not a JSON object but \(value.kind)") }
    return value
  }

  /// Whether something lies at the path. A link that leads nowhere is an error: what it stands for is not known to be
  /// absent.
  private static func isThere(_ path: String) throws(TokenizerError) -> Bool {
    if FileManager.default.fileExists(atPath: path) { return true }
    guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else { return false }
    throw TokenizerError(file: path, reason: "a link to \(target), which is not there")
  }

  private static func read(_ path: String) throws(TokenizerError) -> [UInt8] {
    let data: Data
    do {
      let resolved = URL(filePath: path).resolvingSymlinksInPath().path
      let attributes = try FileManager.default.attributesOfItem(atPath: resolved)
      switch attributes[.type] as? FileAttributeType {
      case .typeDirectory: throw TokenizerError(file: path, reason: "a folder, not a file")
      case .typeRegular: break
      default: throw TokenizerError(file: path, reason: "not a regular file")
      }
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

extension FolderFile {
  /// A member that is true, false, null or absent.
  func flag(_ name: String, of object: JSONValue) throws(TokenizerError) -> Bool? {
    try member(name, of: object, "true or false") { $0.bool }
  }

  /// A member that is a text, null or absent.
  func text(_ name: String, of object: JSONValue) throws(TokenizerError) -> String? {
    try member(name, of: object, "a text") { $0.string }
  }

  /// A member that is a list, null or absent.
  func list(_ name: String, of object: JSONValue) throws(TokenizerError) -> [JSONValue]? {
    try member(name, of: object, "a list") { $0.array }
  }

  private func member<Value>(
    _ name: String, of object: JSONValue, _ wanted: String, _ read: (JSONValue) -> Value?
  ) throws(TokenizerError) -> Value? {
    guard let value = object[name], !value.isNull else { return nil }
    guard let result = read(value) else { throw error("\(name): \(wanted) was expected, not \(value.kind)") }
    return result
  }
}

extension JSONNumber {
  /// A token id: a whole number that fits an Int32 and is not negative.
  var tokenID: Int32? { integer.flatMap { Int32(exactly: $0) }.flatMap { $0 < 0 ? nil : $0 } }
}
