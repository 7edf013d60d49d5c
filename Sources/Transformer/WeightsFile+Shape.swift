import Checkpoint

extension WeightsFile {
  /// Checks that the file contains a tensor of the expected shape, before memory is allocated for it.
  /// - Throws: `ModelError` with the tensor that is missing, or has another shape.
  func check(_ name: String, has shape: [Int]) throws(ModelError) {
    guard let tensor = tensors[name] else { throw missing(name) }
    guard tensor.shape == shape else { throw misshapen(tensor, asked: "\(shape)") }
  }

  /// Checks that a table has the given number of columns, and at least the given number of rows.
  func check(_ name: String, hasRows rows: Int, columns: Int) throws(ModelError) {
    guard let tensor = tensors[name] else { throw missing(name) }
    guard tensor.shape.count == 2, tensor.shape[0] >= rows, tensor.shape[1] == columns else {
      throw misshapen(tensor, asked: "[\(rows) or more, \(columns)]")
    }
  }

  private func missing(_ name: String) -> ModelError {
    ModelError(file: path, entry: name, reason: "the tensor is missing")
  }

  private func misshapen(_ tensor: StoredTensor, asked: String) -> ModelError {
    ModelError(
      file: path(of: tensor.name), entry: tensor.name,
      reason: "has the shape \(tensor.shape); config.json asks for \(asked)")
  }
}
