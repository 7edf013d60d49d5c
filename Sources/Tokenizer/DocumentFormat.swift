extension BertTokenizer {
  /// A paper, or a label as name and definition, as the one text that SciMult was trained on. The separator stays when the
  /// abstract is empty.
  public func joined(title: String, abstract: String) -> String {
    title + " " + separator + " " + abstract
  }
}
