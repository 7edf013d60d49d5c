/// The files of a model folder: `config.json`, weights, and what else the model brings along.
public struct ModelFolder: Sendable {
  /// The folder as the user named it, without a slash at the end; in a cache of the Hugging Face hub, its snapshot.
  public let path: String
  /// The folder's own name; of a snapshot in the hub's cache, the repository's, such as `allenai/specter`.
  public let name: String
  /// The names of all that lies in the folder itself, hidden files and links to nowhere included, in their order.
  public let fileNames: [String]

  /// The most bytes of a small file, as every one beside the weights is.
  public static let fileBytesMax = 16 << 20

  /// - Parameter path: of a folder; in the hub's cache, of a repository (`models--a--b`, where `refs/main` or the only
  ///   snapshot is taken) or of a snapshot.
  /// - Throws: ``ModelError`` unless it is a folder, and one model's. What is in it is checked when it is read.
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

  /// A folder inside this one, of the same name as this: its files are a part of the same model.
  /// - Parameter path: as ``data(of:maxBytes:)`` takes it; an empty one is this folder.
  /// - Throws: ``ModelError`` unless it is there and is a folder.
  public func subfolder(_ path: String) throws(ModelError) -> ModelFolder {
    guard let full = try inside(path) else { return self }
    switch try PathStatus.of(full) {
    case .absent: throw ModelError(file: full, reason: "does not exist")
    case .file: throw ModelError(file: full, reason: "is not a folder")
    case .folder: return try ModelFolder(path: full, name: name)
    }
  }

  /// The bytes of a file; nil when it is absent.
  /// - Parameter file: its path inside the folder, such as `1_Pooling/config.json`, with or without `./` in front, and
  ///   with any number of slashes where one is due.
  /// - Throws: ``ModelError`` when the path leaves the folder, the file is a link to nowhere, has more than `maxBytes`
  ///   bytes or cannot be read, or a Git LFS pointer or an HTML page lies in its place.
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

  /// The members of a JSON file that holds an object; nil when it is absent.
  /// - Throws: ``ModelError`` as ``data(of:maxBytes:)``, and for what is not a JSON object.
  public func json(_ file: String) throws(ModelError) -> ModelSettings? {
    guard let bytes = try data(of: file) else { return nil }
    return try ModelSettings(file: path(of: file), bytes: bytes)
  }

  /// The objects of a JSON file that holds a list of them, such as `modules.json`; nil when it is absent.
  /// - Throws: ``ModelError`` as ``data(of:maxBytes:)``, and for what is not a JSON list of objects.
  public func jsonList(_ file: String) throws(ModelError) -> [ModelSettings]? {
    guard let bytes = try data(of: file) else { return nil }
    return try ModelSettings.list(file: path(of: file), bytes: bytes)
  }

  /// Opens the folder's weights: a SciMult `*.ckpt`, else what transformers would read.
  /// - Throws: ``ModelError`` where there are none, they are ambiguous, or ``WeightsFile`` refuses them.
  public func openWeights() throws(ModelError) -> WeightsFile { try WeightsSelection(of: self).open() }

  /// Whether something lies at a path inside the folder, be it a link to nowhere or what may not be read.
  public func contains(_ file: String) -> Bool {
    guard let full = try? inside(file) else { return false }
    if case .absent? = try? PathStatus.of(full) { return false }
    return true
  }

  /// Whether a folder lies at a path inside this one.
  public func isFolder(_ path: String) -> Bool {
    guard let full = try? inside(path) else { return false }
    if case .folder? = try? PathStatus.of(full) { return true }
    return false
  }

  /// The path of a file of this folder, for an error that names it.
  public func path(of file: String) -> String {
    path + (path.hasSuffix("/") ? "" : "/") + Self.normalized(file)
  }

  /// The full path of what is inside the folder; nil for the folder itself.
  private func inside(_ file: String) throws(ModelError) -> String? {
    guard Self.isInside(file) else { throw outside(file) }
    return Self.normalized(file).isEmpty ? nil : path(of: file)
  }

  /// Whether a path that a model's file states stays in the folder that it is relative to.
  static func isInside(_ file: String) -> Bool {
    !file.hasPrefix("/") && !file.utf8.contains(0) && !file.split(separator: "/").contains("..")
  }

  /// A path without `.` and with one slash at a time, so that one file has one spelling.
  static func normalized(_ file: String) -> String {
    file.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
  }

  private func outside(_ file: String) -> ModelError {
    ModelError(file: path, entry: file, reason: "is not a path inside the model's folder")
  }
}
