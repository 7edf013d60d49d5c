import JSON

/// A text file of a model folder or of a converted file.
struct FolderFile {
  let path: String
  let bytes: [UInt8]

  func error(_ reason: String) -> TokenizerError {
    TokenizerError(file: path, reason: reason)
  }

  /// The whole file as a JSON object.
  func object() throws(TokenizerError) -> JSONValue {
    let value: JSONValue
    do {
      value = try JSONReader(.strict).read(bytes)
    } catch {
      throw self.error(error.description)
    }
    guard value.object != nil else { throw self.error("not a JSON object but \(value.kind)") }
    return value
  }
}

extension FolderFile {
  /// A member that is true, false, null or absent.
  func flag(_ name: String, of object: JSONValue) throws(TokenizerError) -> Bool? {
    try member(name, of: object, "true or false") { $0.bool }
  }

  /// A member that is a string, null or absent.
  func text(_ name: String, of object: JSONValue) throws(TokenizerError) -> String? {
    try member(name, of: object, "a text") { $0.string }
  }

  /// A member that is a list, null or absent.
  func list(_ name: String, of object: JSONValue) throws(TokenizerError) -> [JSONValue]? {
    try member(name, of: object, "a list") { $0.array }
  }

  private func member<Value>(
    _ name: String, of object: JSONValue, _ wanted: String, _ read: (JSONValue) -> Value?
  ) throws(TokenizerError) -> Value? {
    guard let value = object[name], !value.isNull else { return nil }
    guard let result = read(value) else { throw error("\(name): \(wanted) was expected, not \(value.kind)") }
    return result
  }
}

extension JSONNumber {
  /// A token id: a whole number that fits an Int32 and is not negative.
  var tokenID: Int32? { integer.flatMap { Int32(exactly: $0) }.flatMap { $0 < 0 ? nil : $0 } }
}
