/// Text about inputs that the help of several commands shares.
enum DocumentHelp {
  static let documents = """
    A document is {"id"?, "title", "abstract"?}, {"id"?, "text"}, or {"_id", "title", "text"} as BEIR has it; an id \
    may also be called paper_id, corpus_id or doc_id. Other keys are ignored. Inputs are JSON lines, or tables (.csv, \
    .tsv) whose first row names the same; either may be compressed by gzip.
    """

  static let badLines = """
    A line that is no document ends the work with its file, number and reason. With --skip-bad-lines it is passed \
    over, and told at the end.
    """

  static let badDocuments = """
    A line that is no document, or of which the model makes no finite numbers, ends the work with its file, number and \
    reason. With --skip-bad-lines it is passed over, and told at the end.
    """

  static let exitCodes = "Exit codes: 0 done, 1 failed (one line on standard error says why), 2 wrong use."
}
