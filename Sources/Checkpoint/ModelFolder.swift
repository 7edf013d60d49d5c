#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The files of a model folder: `config.json`, weights, and what else the model brings along.
public struct ModelFolder: Sendable {
  /// The folder as the user named it, without a slash at the end.
  public let path: String
  /// The folder's own name.
  public let name: String
  /// Its weights: the one `*.ckpt`, else `model.safetensors`, else `pytorch_model.bin`.
  public let weightsPath: String

  /// Throws unless `path` is a folder with `config.json` and weights that are not ambiguous.
  public init(path: String) throws(ModelError) {
    var folder = path
    while folder.count > 1, folder.hasSuffix("/") {
      folder.removeLast()
    }
    let files = try Self.files(in: folder)
    guard files.contains("config.json") else {
      throw ModelError(file: folder, reason: "has no config.json: a model is a folder with config.json and weights")
    }
    self.path = folder
    self.name = Self.name(of: folder)
    self.weightsPath = folder + "/" + (try Self.weights(among: files, folder: folder))
  }

  /// The bytes of a file by its path inside the folder, such as `1_Pooling/config.json`; nil when it is absent.
  ///
  /// Throws when the path leaves the folder, the file has more than `maxBytes` bytes or cannot be read, or a Git LFS
  /// pointer or an HTML page lies in its place.
  public func data(of file: String, maxBytes: Int = 16 << 20) throws(ModelError) -> Data? {
    let parts = file.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.allSatisfy({ !["", ".", ".."].contains($0) }), !file.utf8.contains(0) else {
      throw ModelError(file: path, entry: file, reason: "is not a path inside the model's folder")
    }
    let full = path + "/" + file
    guard FileManager.default.fileExists(atPath: full) else { return nil }
    let reader = try RandomAccessFile(path: full)
    guard reader.size <= maxBytes else {
      throw ModelError(file: full, reason: "has \(reader.size) bytes, at most \(maxBytes) are allowed")
    }
    let bytes = try reader.bytes(at: 0, count: reader.size)
    try FileContent.refuseStandIn(bytes, site: ErrorSite(file: full))
    return Data(bytes)
  }

  private static func files(in folder: String) throws(ModelError) -> [String] {
    var isDirectory = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isDirectory) else {
      throw ModelError(file: folder, reason: "does not exist")
    }
    guard isDirectory else {
      throw ModelError(
        file: folder,
        reason:
          "is no converted model: a model is a folder with config.json and weights, or a file that scimult convert made"
      )
    }
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder)
    } catch {
      throw ModelError(file: folder, reason: "cannot be listed: permission denied")
    }
  }

  private static func weights(among files: [String], folder: String) throws(ModelError) -> String {
    let checkpoints = files.filter { $0.hasSuffix(".ckpt") && !$0.hasPrefix(".") }.sorted()
    guard checkpoints.count <= 1 else {
      throw ModelError(
        file: folder, reason: "has several checkpoints, keep one: \(checkpoints.joined(separator: ", "))")
    }
    let candidates = checkpoints + ["model.safetensors", "pytorch_model.bin"]
    if let weights = candidates.first(where: files.contains) { return weights }
    if let index = files.sorted().first(where: { $0.hasSuffix(".index.json") }) {
      throw ModelError(
        file: folder + "/" + index, reason: "the weights are sharded over several files, save them as one file")
    }
    throw ModelError(file: folder, reason: "has no weights: a *.ckpt, model.safetensors or pytorch_model.bin")
  }

  /// The last part of the path; of the resolved path where that is no name, as in `.` and `..`.
  private static func name(of folder: String) -> String {
    let last = folder.split(separator: "/").last.map(String.init) ?? ""
    guard ["", ".", ".."].contains(last) else { return last }
    guard let resolved = realpath(folder, nil) else { return folder }
    defer { free(resolved) }
    return String(cString: resolved).split(separator: "/").last.map(String.init) ?? "/"
  }
}
