/// Why reading an input failed, in one line that names the input.
package struct InputError: Error, CustomStringConvertible {
  /// The input, the place and the reason.
  package let description: String

  init(_ description: String) {
    self.description = description
  }

  static func utf16(_ name: String) -> InputError {
    InputError("\(name): is UTF-16; save it as UTF-8")
  }
}
