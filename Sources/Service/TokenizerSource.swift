import Checkpoint
import Tokenizer

/// The location of a model's tokenizer files.
enum TokenizerSource: Sendable {
  case folder(ModelFolder)
  case converted(ConvertedFile)

  /// Reads the files.
  /// - Throws: `ModelError` for a file that exists and cannot be read.
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
