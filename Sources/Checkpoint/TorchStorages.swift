/// Where the storages of a torch file lie.
protocol TorchStorages {
  /// The bytes that a persistent id stands for.
  /// - Parameter site: of the tensor that they belong to.
  /// - Throws: ``ModelError`` where they are missing, or not as many as the id says.
  func region(of storage: PickledStorage, site: ErrorSite) throws(ModelError) -> StorageRegion
}
