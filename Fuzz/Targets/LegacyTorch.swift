@testable import Checkpoint

extension FuzzTarget {
  /// PyTorch's file format before 1.6. Storages lie inside the file. Each tensor has as many values as its shape says.
  static let legacyTorch = FuzzTarget(name: "legacy-torch") { bytes in
    try withTemporaryFile(bytes) { path in
      do {
        let checkpoint = try TorchCheckpoint(legacy: RandomAccessFile(path: path))
        for source in checkpoint.sources.values {
          let end = source.region.offset + source.region.byteCount
          try promise(end <= bytes.count, "\(source) ends at \(end) of \(bytes.count) bytes")
        }
        // Views can share elements, so all views together may be many times larger than the file.
        let weights = try WeightsFile(path: path)
        for (name, tensor) in weights.tensors.prefix(64) where tensor.elementType.isFloatingPoint {
          do {
            let values = try weights.readFloats(name)
            try promise(values.count == tensor.elementCount, "\(values.count) values of \(tensor)")
          } catch let error as ModelError {
            try refusesInOneLine(error)
          }
        }
      } catch let error as ModelError {
        try refusesInOneLine(error)
      }
    }
  }
}
