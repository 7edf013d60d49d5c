import Glibc
import SystemPackage

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The paths of an output and of the files next to it.
extension OutputFile {
  /// The path of a resumable output until it is complete.
  static func partialPath(of path: String) -> String { resolvingLinks(path) + ".partial" }

  /// The path of any other output until it is complete.
  static func temporaryPath(of path: String, process: Int32) -> String { "\(path).\(process).partial" }

  /// Files left by processes that were killed while they wrote the same output.
  static func staleFiles(of path: String) -> [String] {
    let path = FilePath(resolvingLinks(path))
    let folder = path.removingLastComponent()
    guard let name = path.lastComponent?.string,
      let files = try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder.string)
    else { return [] }
    return files.compactMap { file in
      guard file.hasPrefix(name + "."), file.hasSuffix(".partial"),
        let process = Int32(file.dropFirst(name.count + 1).dropLast(".partial".count)), process > 0,
        kill(process, 0) != 0, errno == ESRCH
      else { return nil }
      return temporaryPath(of: path.string, process: process)
    }
  }

  /// The file that an output at this path replaces: a link stays.
  static func target(of path: String) throws -> String {
    let target = resolvingLinks(path)
    guard !isLink(target) || FileStatus.isSpecial(target) else {
      throw Failure("\(path): cannot be written: \(Errno.tooManySymbolicLinkLevels)")
    }
    return target
  }

  private static func isLink(_ path: String) -> Bool {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil
  }

  /// The target of a path, even if nothing exists there yet.
  static func resolvingLinks(_ path: String) -> String {
    // A link to a pipe or a device does not name a file.
    guard path != "-", !FileStatus.isSpecial(path) else { return path }
    if let resolved = realPath(path) { return resolved }
    var path = FilePath(path)
    for _ in 0..<maxLinks {
      guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path.string) else { break }
      path = path.removingLastComponent().pushing(FilePath(target))
    }
    return path.string
  }

  /// The number of links that the system follows.
  private static let maxLinks = 40

  /// The target of a path, through all links and folders; nil if nothing exists there.
  static func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
