@testable import Checkpoint

extension FuzzTarget {
  /// PyTorch's zip files. Members lie inside the file, do not overlap, and are read completely.
  static let zip = FuzzTarget(name: "zip") { bytes in
    try withTemporaryFile(bytes) { path in
      do {
        let archive = try ZipArchive(file: RandomAccessFile(path: path))
        try membersLieApart(archive, fileBytes: bytes.count)
        for entry in archive.entries.values { _ = try? archive.read(entry, bytesMax: bytes.count) }
        _ = try WeightsFile(path: path)
      } catch let error as ModelError {
        try refusesInOneLine(error)
      }
    }
  }

  private static func membersLieApart(_ archive: ZipArchive, fileBytes: Int) throws {
    var end = 0
    for entry in archive.entries.values.sorted(by: { ($0.dataOffset, $0.byteCount) < ($1.dataOffset, $1.byteCount) }) {
      try promise(entry.dataOffset >= end, "\(entry) begins before byte \(end)")
      end = entry.dataOffset + entry.byteCount
    }
    try promise(end <= fileBytes, "a member ends at \(end) of \(fileBytes) bytes")
  }
}
