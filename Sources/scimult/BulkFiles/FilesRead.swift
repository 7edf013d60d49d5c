import Glibc
import SystemPackage

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The files that a command reads, which its output must not replace: by whatever name, link or spelling it is given.
struct FilesRead {
  private struct Use {
    let name: String
    let isModel: Bool
  }

  private var files: [FileStatus.Identity: Use] = [:]
  /// The model's folder, where it is one, and those of experts.
  private var folders: [(identity: FileStatus.Identity, path: String)] = []

  /// Endings of files that no model has, and that the command may replace in a model's folder.
  private let outputSuffixes: [String]
  /// A model has tens; a folder that is none may have any number, and links that lead in circles.
  private static let maxModelFiles = 10_000

  /// - Parameters:
  ///   - model: a folder or a converted file.
  ///   - experts: folders of experts beside the model.
  ///   - inputs: `-` is standard input.
  ///   - outputSuffixes: what the names of the command's outputs end in.
  init(model: String, experts: [String] = [], inputs: [String] = [], outputSuffixes: [String] = []) {
    self.outputSuffixes = outputSuffixes
    for path in [model] + experts {
      if let status = FileStatus(path: path), status.kind == .folder { folders.append((status.identity, path)) }
      addModel(path)
    }
    for input in inputs {
      // Others are not replaced by what is written.
      guard let status = FileStatus(path: input, orStream: STDIN_FILENO), status.kind == .regular else { continue }
      files[status.identity] = Use(name: "the input", isModel: false)
    }
  }

  /// Files of the folder before those of folders in it.
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
  /// - Throws: ``Failure`` where what is written would replace what is read, or come to be a part of it.
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

  /// A shell has emptied it where it was told to overwrite it; what is empty is no file of a model.
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
