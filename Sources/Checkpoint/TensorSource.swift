/// The bytes of a storage inside a weights file.
struct StorageRegion: Sendable {
  /// The entry that an error about these bytes names.
  let entry: String
  /// Where the bytes begin in the file.
  let offset: Int
  let byteCount: Int
  /// The CRC-32 of the bytes; nil in formats without checksums.
  let crc32: UInt32?
}

/// Where a tensor's values are; checked against the bounds of the file.
struct TensorSource: Sendable {
  let tensor: StoredTensor
  let region: StorageRegion
  let view: StridedView
}
