/// The files of a model's folder: `config.json`, weights, and other files of the model.
public struct ModelFolder: Sendable {
  /// The folder as the user named it, without a trailing slash; in a cache of the Hugging Face hub, its snapshot.
  public let path: String
  /// The folder's name; for a snapshot in the hub's cache, the repository's, such as `allenai/specter`.
  public let name: String
  /// The sorted names of everything in the folder itself, including hidden files and broken links.
  public let fileNames: [String]

  /// Maximum bytes of any file except the weights.
  public static let fileBytesMax = 16 << 20

  /// - Parameter path: a folder; in the hub's cache, a repository (`models--a--b`, of which the initialiser takes
  ///   `refs/main` or the only snapshot) or a snapshot.
  /// - Throws: ``ModelError`` unless it is the folder of one model. Its files are checked when they are read.
  public init(path: String) throws(ModelError) {
    var folder = path
    while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
    switch try PathStatus.of(folder) {
    case .absent: throw ModelError(file: folder, reason: "does not exist")
    case .file:
      throw ModelError(
        file: folder,
        reason:
          "is no converted model: a model is a folder with config.json and weights, or a file that scimult convert made"
      )
    case .folder: break
    }
    let location = try HubCache.resolve(folder)
    try self.init(path: location.path, name: location.name)
  }

  private init(path: String, name: String) throws(ModelError) {
    self.path = path
    self.name = name
    fileNames = try DirectoryListing.names(in: path)
  }

  /// A folder inside this one, with this folder's name: its files are part of the same model.
  /// - Parameter path: a path as in ``data(of:maxBytes:)``; an empty path means this folder.
  /// - Throws: ``ModelError`` unless it exists and is a folder.
  public func subfolder(_ path: String) throws(ModelError) -> ModelFolder {
    guard let full = try inside(path) else { return self }
    switch try PathStatus.of(full) {
    case .absent: throw ModelError(file: full, reason: "does not exist")
    case .file: throw ModelError(file: full, reason: "is not a folder")
    case .folder: return try ModelFolder(path: full, name: name)
    }
  }

  /// The bytes of a file; nil if it is absent.
  /// - Parameter file: the path inside the folder, such as `1_Pooling/config.json`. It may begin with `./` and have
  ///   repeated slashes.
  /// - Throws: ``ModelError`` if the path leaves the folder, the file is a broken link, has more than `maxBytes` bytes
  ///   or cannot be read, or a Git LFS pointer or an HTML page is in its place.
  public func data(of file: String, maxBytes: Int = fileBytesMax) throws(ModelError) -> [UInt8]? {
    guard let full = try inside(file) else { throw outside(file) }
    switch try PathStatus.of(full) {
    case .absent: return nil
    case .folder: throw ModelError(file: full, reason: "is a folder, not a file")
    case .file: break
    }
    let reader = try RandomAccessFile(path: full)
    guard reader.size <= maxBytes else {
      throw ModelError(file: full, reason: "has \(reader.size) bytes, at most \(maxBytes) are allowed")
    }
    let bytes = try reader.bytes(at: 0, count: reader.size)
    try FileContent.refuseStandIn(bytes, site: ErrorSite(file: full))
    return bytes
  }

  /// The members of a JSON file that contains an object; nil if it is absent.
  /// - Throws: ``ModelError`` as ``data(of:maxBytes:)``, and for anything but a JSON object.
  public func json(_ file: String) throws(ModelError) -> ModelSettings? {
    guard let bytes = try data(of: file) else { return nil }
    return try ModelSettings(file: path(of: file), bytes: bytes)
  }

  /// The objects of a JSON file that contains a list of them, such as `modules.json`; nil if it is absent.
  /// - Throws: ``ModelError`` as ``data(of:maxBytes:)``, and for anything but a JSON list of objects.
  public func jsonList(_ file: String) throws(ModelError) -> [ModelSettings]? {
    guard let bytes = try data(of: file) else { return nil }
    return try ModelSettings.list(file: path(of: file), bytes: bytes)
  }

  /// Opens the folder's weights: a SciMult `*.ckpt`, otherwise the file that transformers would read.
  /// - Throws: ``ModelError`` if there are no weights, they are ambiguous, or ``WeightsFile`` refuses them.
  public func openWeights() throws(ModelError) -> WeightsFile { try WeightsSelection(of: self).open() }

  /// Whether something exists at a path inside the folder, even a broken link or an unreadable file.
  public func contains(_ file: String) -> Bool {
    guard let full = try? inside(file) else { return false }
    if case .absent? = try? PathStatus.of(full) { return false }
    return true
  }

  /// Whether a folder exists at a path inside this one.
  public func isFolder(_ path: String) -> Bool {
    guard let full = try? inside(path) else { return false }
    if case .folder? = try? PathStatus.of(full) { return true }
    return false
  }

  /// The path of a file in this folder, for an error that names it.
  public func path(of file: String) -> String {
    path + (path.hasSuffix("/") ? "" : "/") + Self.normalized(file)
  }

  /// The full path of something inside the folder; nil for the folder itself.
  private func inside(_ file: String) throws(ModelError) -> String? {
    guard Self.isInside(file) else { throw outside(file) }
    return Self.normalized(file).isEmpty ? nil : path(of: file)
  }

  /// Whether a path that a model's file states stays inside the folder to which it is relative.
  static func isInside(_ file: String) -> Bool {
    !file.hasPrefix("/") && !file.utf8.contains(0) && !file.split(separator: "/").contains("..")
  }

  /// The path without `.` and without repeated slashes, so that each file has one spelling.
  static func normalized(_ file: String) -> String {
    file.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
  }

  private func outside(_ file: String) -> ModelError {
    ModelError(file: path, entry: file, reason: "is not a path inside the model's folder")
  }
}
