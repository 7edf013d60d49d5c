import Foundation

/// An empty folder that is removed with the last reference to it.
public final class TemporaryFolder: Sendable {
  public let path: String

  public init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "scimult-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// The path of a file in the folder, whether it exists or not.
  public func file(_ name: String) -> String { path + "/" + name }

  /// The names of the folder's contents, sorted.
  public func contents() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted()
  }

  /// Writes a file, and creates the folders in its name.
  @discardableResult
  public func write(_ name: String, _ text: String) throws -> String {
    try write(name, bytes: Array(text.utf8))
  }

  /// Writes a file, and creates the folders in its name.
  @discardableResult
  public func write(_ name: String, bytes: [UInt8]) throws -> String {
    let url = URL(filePath: file(name))
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
    return url.path
  }

  /// Copies files of another folder into this one.
  /// - Parameter place: a folder in this one, which is created if it is missing; by default this one.
  public func copy(_ names: [String], from folder: String, to place: String = "") throws {
    try FileManager.default.createDirectory(atPath: file(place), withIntermediateDirectories: true)
    for name in names {
      try FileManager.default.copyItem(atPath: folder + "/" + name, toPath: file(place) + "/" + name)
    }
  }
  /// Copies all contents of another folder into this one.
  public func copy(allOf folder: String, to place: String = "") throws {
    try copy(FileManager.default.contentsOfDirectory(atPath: folder), from: folder, to: place)
  }

  /// Replaces a text in a file, which must contain it.
  public func replace(_ text: String, by other: String, in name: String) throws {
    let content = try String(contentsOfFile: file(name), encoding: .utf8)
    guard content.contains(text) else { throw CocoaError(.fileReadCorruptFile) }
    try write(name, content.replacingOccurrences(of: text, with: other))
  }

  /// Removes a file, or a folder with its contents.
  public func remove(_ name: String) throws {
    try FileManager.default.removeItem(atPath: file(name))
  }
}
