import Glibc
import SystemPackage

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The files that a command reads, and that its output must not replace under any name, link or spelling.
struct FilesRead {
  private struct Use {
    let name: String
    let isModel: Bool
  }

  private var files: [FileStatus.Identity: Use] = [:]
  /// The model's folder, if it is one, and the folders of experts.
  private var folders: [(identity: FileStatus.Identity, path: String)] = []

  /// Endings of names that no model's file has; the command may replace such files in a model's folder.
  private let outputSuffixes: [String]
  /// A model has tens of files. Other folders may have any number, and links that form cycles.
  private static let maxModelFiles = 10_000

  /// - Parameters:
  ///   - model: a folder or a converted file.
  ///   - experts: folders of experts next to the model.
  ///   - inputs: `-` is standard input.
  ///   - outputSuffixes: the endings of the names of the command's outputs.
  init(model: String, experts: [String] = [], inputs: [String] = [], outputSuffixes: [String] = []) {
    self.outputSuffixes = outputSuffixes
    for path in [model] + experts {
      if let status = FileStatus(path: path), status.kind == .folder { folders.append((status.identity, path)) }
      addModel(path)
    }
    for input in inputs {
      // Output cannot replace other kinds of files.
      guard let status = FileStatus(path: input, orStream: STDIN_FILENO), status.kind == .regular else { continue }
      files[status.identity] = Use(name: "the input", isModel: false)
    }
  }

  /// Adds the files of the folder before those of its subfolders.
  private mutating func addModel(_ path: String) {
    var paths = [path]
    var next = 0
    while next < paths.count {
      let path = paths[next]
      next += 1
      guard let status = FileStatus(path: path) else { continue }
      switch status.kind {
      case .regular: files[status.identity] = Use(name: "a file of the model, \(path)", isModel: true)
      case .folder:
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        where paths.count < Self.maxModelFiles && !outputSuffixes.contains(where: name.hasSuffix) {
          paths.append(FilePath(path).appending(name).string)
        }
      case .pipe, .device: break
      }
    }
  }

  /// - Parameter path: `-` is standard output.
  /// - Throws: ``Failure`` if the output would replace an input, or become a part of one.
  func refuse(output path: String) throws {
    guard path != "-" else { return try refuseStandardOutput() }
    let target = OutputFile.resolvingLinks(path)
    let partial = OutputFile.partialPath(of: path)
    let journal = Journal.path(ofOutput: path)
    for written in [target, partial, journal, OutputFile.partialPath(of: journal)] + OutputFile.staleFiles(of: path) {
      guard let use = FileStatus(path: written).flatMap({ files[$0.identity] }) else { continue }
      let also = written == target ? "is" : "\(written), which is written beside it, is"
      throw Failure("\(path): \(also) \(use.name): give the output another name")
    }
    guard !outputSuffixes.contains(where: target.hasSuffix),
      let folder = folders.first(where: { lies(target, in: $0.identity) })
    else { return }
    let endings = outputSuffixes.joined(separator: " or ")
    throw Failure(
      "\(path): would be a file of the model in \(folder.path): write it elsewhere, or let its name end in \(endings)")
  }

  /// If a shell was told to overwrite the file, it has already emptied it; an empty file is not a file of a model.
  private func refuseStandardOutput() throws {
    guard let output = FileStatus(descriptor: STDOUT_FILENO), output.kind == .regular,
      let use = files[output.identity], !use.isModel || output.byteCount > 0
    else { return }
    throw Failure("standard output: is \(use.name): send the output to another file")
  }

  private func lies(_ path: String, in folder: FileStatus.Identity) -> Bool {
    var parent = FilePath(path).removingLastComponent()
    guard let resolved = OutputFile.realPath(parent.isEmpty ? "." : parent.string) else { return false }
    parent = FilePath(resolved)
    while true {
      if FileStatus(path: parent.string)?.identity == folder { return true }
      guard parent.removeLastComponent() else { return false }
    }
  }
}
