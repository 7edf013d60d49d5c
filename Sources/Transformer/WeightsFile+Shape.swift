import Checkpoint

extension WeightsFile {
  /// Makes sure that the file holds as much as is about to be asked for, before memory is taken for it.
  /// - Throws: `ModelError` naming the tensor that is missing, or of another shape.
  func check(_ name: String, has shape: [Int]) throws(ModelError) {
    guard let tensor = tensors[name] else { throw missing(name) }
    guard tensor.shape == shape else { throw misshapen(tensor, asked: "\(shape)") }
  }

  /// Makes sure that a table has so many columns, and at least so many rows.
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
