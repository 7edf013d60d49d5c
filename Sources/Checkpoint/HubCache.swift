/// The cache of the Hugging Face hub's library: a folder `models--OWNER--NAME` for each repository, with
/// `snapshots/REVISION` for each revision, `refs/main`, which names one of them, and `blobs`, to which their files
/// link.
enum HubCache {
  private static let kinds = ["datasets--": "a data set", "spaces--": "a space"]
  private static let prefix = "models--"

  /// The path and name of the model for a user's folder, which may be in such a cache or not.
  /// - Throws: ``ModelError`` for a repository that is not a model, or that has no single snapshot to take.
  static func resolve(_ folder: String) throws(ModelError) -> (path: String, name: String) {
    let parts = absoluteParts(of: folder)
    let last = parts.last ?? "/"
    if let kind = kinds.first(where: { last.hasPrefix($0.key) }) {
      throw ModelError(file: folder, reason: "is \(kind.value) of the Hugging Face hub, not a model")
    }
    let names = try DirectoryListing.names(in: folder)
    if parts.count >= 3, parts[parts.count - 2] == "snapshots", let name = repository(parts[parts.count - 3]) {
      return (folder, name)
    }
    if last == "snapshots", parts.count >= 2, let name = repository(parts[parts.count - 2]) {
      return (try snapshot(of: parent(of: folder)), name)
    }
    let isRepository = names.contains("snapshots") && (names.contains("refs") || names.contains("blobs"))
    let isFolderOfModel = names.contains("config.json") || names.contains("modules.json")
    if !isFolderOfModel, isRepository || last.hasPrefix(prefix) {
      let real = DirectoryListing.resolved(folder)?.split(separator: "/").last.map(String.init)
      return (try snapshot(of: folder), repository(last) ?? real.flatMap(repository) ?? last)
    }
    if !isFolderOfModel { try refuseWholeCache(folder, names) }
    return (folder, last)
  }

  /// The snapshot that `refs/main` of a repository's folder names; without that file, the only snapshot.
  private static func snapshot(of folder: String) throws(ModelError) -> String {
    let snapshots = folder + "/snapshots"
    guard case .folder = try PathStatus.of(snapshots) else {
      throw ModelError(file: folder, reason: "is a cache of the Hugging Face hub without snapshots: download the model")
    }
    let reference = folder + "/refs/main"
    if case .file = try PathStatus.of(reference) {
      let revision = try revision(in: reference)
      let path = snapshots + "/" + revision
      guard case .folder = try PathStatus.of(path) else {
        throw ModelError(
          file: reference, reason: "names the snapshot \(revision), which is not there: download the model again")
      }
      return path
    }
    let names = try DirectoryListing.names(in: snapshots).filter { !$0.hasPrefix(".") }
    guard let only = names.first else {
      throw ModelError(file: snapshots, reason: "holds no snapshot: download the model")
    }
    guard names.count == 1 else {
      throw ModelError(
        file: snapshots, reason: "holds several snapshots, and refs/main is not there; name one: \(some(of: names))")
    }
    return snapshots + "/" + only
  }

  private static func revision(in reference: String) throws(ModelError) -> String {
    let file = try RandomAccessFile(path: reference)
    let bytes = try file.bytes(at: 0, count: min(file.size, 256))
    let text = String(decoding: bytes, as: UTF8.self)
    let blank: Set<Character> = [" ", "\n", "\r", "\r\n", "\t"]
    let words = text.split { blank.contains($0) }
    guard words.count == 1, let word = words.first, ModelFolder.isInside(String(word)), !word.contains("/"), word != "."
    else {
      throw ModelError(file: reference, reason: "does not hold the name of a snapshot: download the model again")
    }
    return String(word)
  }

  /// A file that an unfinished download left for a model's folder: in the cache's blobs, or where the hub's library
  /// keeps such files in a folder to which it downloads. nil if there is none.
  static func unfinishedDownload(of folder: String) -> String? {
    for place in ["/../../blobs", "/.cache/huggingface/download"] {
      let names = (try? DirectoryListing.names(in: folder + place)) ?? []
      if let name = names.first(where: { $0.hasSuffix(".incomplete") }) { return name }
    }
    return nil
  }

  /// Throws for the folder of all repositories, which contains many models and is not one.
  private static func refuseWholeCache(_ folder: String, _ names: [String]) throws(ModelError) {
    let models = names.filter { $0.hasPrefix(prefix) }
    guard !models.isEmpty else { return }
    throw ModelError(
      file: folder, reason: "is a cache of the Hugging Face hub, not a model; name one in it: \(some(of: models))")
  }

  /// The first names, as many as fit in an error.
  private static func some(of names: [String]) -> String {
    names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "")
  }

  /// The repository's id from the name of its folder; nil if the cache does not name folders so.
  private static func repository(_ name: String) -> String? {
    guard name.hasPrefix(prefix), name.count > prefix.count else { return nil }
    return name.dropFirst(prefix.count).split(separator: "--").joined(separator: "/")
  }

  /// The parts of a path from the root. Links are followed, except for the last part, whose name the user chose.
  private static func absoluteParts(of folder: String) -> [String] {
    let last = folder.split(separator: "/").last.map(String.init) ?? ""
    guard !["", ".", ".."].contains(last), let above = DirectoryListing.resolved(parent(of: folder)) else {
      return DirectoryListing.resolved(folder)?.split(separator: "/").map(String.init) ?? [folder]
    }
    return above.split(separator: "/").map(String.init) + [last]
  }

  /// The parent folder: by the path, if that has a name to remove.
  private static func parent(of folder: String) -> String {
    let slash = folder.lastIndex(of: "/")
    let last = slash.map { folder[folder.index(after: $0)...] } ?? folder[...]
    guard !["", ".", ".."].contains(last) else { return folder + "/.." }
    guard let slash else { return "." }
    return slash == folder.startIndex ? "/" : String(folder[..<slash])
  }
}
