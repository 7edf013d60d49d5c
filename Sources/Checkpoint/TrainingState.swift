/// The files that trainers save, in which the model's tensors are one value among others.
enum TrainingState {
  /// The key that every PyTorch Lightning checkpoint has.
  static let lightningKey = "pytorch-lightning_version"
  private static let tensorKeys = ["state_dict", "model_state_dict", "model"]

  static let lightningRefusal =
    "is a PyTorch Lightning checkpoint: save its state_dict by itself: " + saving("state_dict")

  static func refuse(_ items: [String: PickleValue], site: ErrorSite) throws(ModelError) {
    guard items[lightningKey] == nil else { throw ModelError(file: site.file, reason: lightningRefusal) }
    for key in tensorKeys {
      guard case .dictionary? = items[key] else { continue }
      throw site.at(key).error("is a dict of its own: save it by itself: " + saving(key))
    }
  }

  private static func saving(_ key: String) -> String {
    #"torch.save(torch.load(F, map_location="cpu", weights_only=False)["\#(key)"], G), with BERT's own names of tensors"#
  }
}
