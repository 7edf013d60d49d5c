@testable import Checkpoint

extension FuzzTarget {
  /// safetensors: tensors fill the file without overlap. Each tensor has as many values as its shape says.
  static let safetensors = FuzzTarget(name: "safetensors") { bytes in
    try withTemporaryFile(bytes) { path in
      do {
        let sources = try Safetensors.sources(in: RandomAccessFile(path: path))
        let tensorBytes = sources.values.reduce(0) { $0 + $1.region.byteCount }
        try promise(tensorBytes < bytes.count, "\(tensorBytes) bytes of tensors in a file of \(bytes.count)")
        let weights = try WeightsFile(path: path)
        for (name, tensor) in weights.tensors where tensor.elementType.isFloatingPoint {
          let values = try weights.readFloats(name)
          try promise(values.count == tensor.elementCount, "\(values.count) values of \(tensor)")
          try promise(values.allSatisfy(\.isFinite), "\(name) holds what is not finite")
        }
      } catch let error as ModelError {
        try refusesInOneLine(error)
      }
    }
  }
}
