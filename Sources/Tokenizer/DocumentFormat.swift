extension BertTokenizer {
  /// A paper, or a label as name and definition, in the form of SciMult's training: one text. An empty abstract keeps
  /// its separator.
  public func joined(title: String, abstract: String) -> String {
    title + " " + separator + " " + abstract
  }
}
