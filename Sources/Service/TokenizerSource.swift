import Checkpoint
import Tokenizer

/// Where a model's tokenizer files are.
enum TokenizerSource: Sendable {
  case folder(ModelFolder)
  case converted(ConvertedFile)

  /// Reads the files.
  /// - Throws: `ModelError` for a file that is there and cannot be read.
  func read() throws(ModelError) -> TokenizerFiles {
    var contents: [String: [UInt8]] = [:]
    switch self {
    case .folder(let folder):
      for name in TokenizerFiles.names {
        contents[name] = try folder.data(of: name, maxBytes: TokenizerFiles.fileBytesMax)
      }
      return TokenizerFiles(contents, path: folder.path)
    case .converted(let file):
      for name in TokenizerFiles.names { contents[name] = file.bytes(of: name).map { Array($0) } }
      return TokenizerFiles(contents, path: file.path)
    }
  }
}
