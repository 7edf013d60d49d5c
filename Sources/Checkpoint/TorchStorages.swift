/// The places of the storages in a torch file.
protocol TorchStorages {
  /// The bytes for which a persistent id stands.
  /// - Parameter site: the tensor to which they belong.
  /// - Throws: ``ModelError`` if the bytes are missing, or their number is not the one in the id.
  func region(of storage: PickledStorage, site: ErrorSite) throws(ModelError) -> StorageRegion
}
