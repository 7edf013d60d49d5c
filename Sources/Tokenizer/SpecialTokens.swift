import JSON

/// The special tokens that files name, with and without a role.
struct SpecialTokens {
  /// The keys of tokens with a role, in the order in which Hugging Face adds them.
  static let keys = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"]

  /// The keys of the lists of other tokens.
  private static let listKeys = (additional: "additional_special_tokens", extra: "extra_special_tokens")

  static let allKeys = keys + [listKeys.additional, listKeys.extra]

  /// BERT's own names, used if no file gives others.
  static let defaults = [
    "unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]", "mask_token": "[MASK]",
  ]

  typealias Source = (tokens: SpecialTokens, file: FolderFile)

  /// The tokens by key; an inner nil is a null, which removes the token.
  var named: [String: AddedToken?] = [:]
  /// nil: the file has no such key.
  var additional: [AddedToken]?
  var extra: [AddedToken]?

  init(_ json: JSONValue, in file: FolderFile) throws(TokenizerError) {
    for key in Self.keys {
      guard let value = json[key] else { continue }
      named[key] = .some(value.isNull ? nil : try AddedToken(value, of: key, isSpecial: true, in: file))
    }
    additional = try Self.list(Self.listKeys.additional, of: json, in: file)
    extra = try Self.list(Self.listKeys.extra, of: json, in: file)
  }

  /// A list of tokens, or an object of tokens by their roles.
  private static func list(
    _ key: String, of json: JSONValue, in file: FolderFile
  ) throws(TokenizerError) -> [AddedToken]? {
    guard let value = json[key], !value.isNull else { return nil }
    guard let entries = value.array ?? value.object?.members.map(\.value) else {
      throw file.error("\(key): a list or an object was expected, not \(value.kind)")
    }
    var tokens: [AddedToken] = []
    for entry in entries { tokens.append(try AddedToken(entry, of: key, isSpecial: true, in: file)) }
    return tokens
  }
}
