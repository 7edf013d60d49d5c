/// A token that is matched in the text as written, as `tokenizer.json` lists it under `added_tokens`
/// and `tokenizer_config.json` under `added_tokens_decoder`.
struct AddedToken: Sendable, Equatable {
  var content: [UInt8]
  var id: Int32

  /// Reads one entry. `lstrip` and `rstrip` change no id, for words never hold whitespace.
  init(_ entry: JSONValue, id: Int32?, in file: FolderFile) throws(TokenizerError) {
    guard let content = entry["content"]?.string, let id, id >= 0 else {
      throw file.error("an added token without content or a valid id")
    }
    for flag in ["normalized", "single_word"] where entry[flag]?.bool == true {
      let token = String(decoding: content, as: UTF8.self)
      throw file.error("the added token \"\(token)\" has \(flag) set, which is not supported")
    }
    self.content = content
    self.id = id
  }
}
