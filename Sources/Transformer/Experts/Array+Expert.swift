/// Lists of weights with one element for each expert, or fewer.
extension Array {
  /// The element of an expert, or the only one, which all experts share.
  subscript(expert: Int, orShared _: Void) -> Element { count > 1 ? self[expert] : self[0] }

  /// The bottleneck of an expert; nil if this expert, or every expert, has none.
  subscript<Linear>(bottleneckOf expert: Int) -> BottleneckWeights<Linear>?
  where Element == BottleneckWeights<Linear>? {
    isEmpty ? nil : self[expert]
  }
}
