/// The bytes of a storage inside a weights file.
struct StorageRegion: Sendable {
  /// What an error about these bytes names.
  let entry: String
  /// Where they begin in the file.
  let offset: Int
  let byteCount: Int
  /// Their CRC-32; nil in formats that have none.
  let crc32: UInt32?
}

/// Where a tensor's values are, checked against the bounds of the file.
struct TensorSource: Sendable {
  let tensor: StoredTensor
  let region: StorageRegion
  let view: StridedView
}
