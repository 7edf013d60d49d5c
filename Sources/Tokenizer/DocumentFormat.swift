/// How the parts of a document become the one text that the model was trained on.
public enum DocumentFormat {
  /// A paper, or a label as name and definition. The separator stays when the abstract is empty.
  public static func paper(title: String, abstract: String) -> String {
    title + " [SEP] " + abstract
  }

  /// A text behind the instruction of its task.
  public static func instructed(_ instruction: String, _ text: String) -> String {
    instruction + " " + text
  }
}
