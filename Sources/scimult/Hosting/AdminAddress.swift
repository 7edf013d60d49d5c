import ArgumentParser

/// The address of the admin port, if there is one.
enum AdminAddress: Equatable, CustomStringConvertible {
  case off
  case on(Endpoint)

  /// - Throws: `ValidationError` with the reason and the valid forms.
  init(parsing text: String) throws {
    guard text != "off" else {
      self = .off
      return
    }
    let endpoint = try Endpoint(parsing: text)
    if case .unixSocket = endpoint.address {
      throw ValidationError("the admin port is no socket file; write HOST:PORT or off")
    }
    self = .on(endpoint)
  }

  var description: String {
    switch self {
    case .off: "off"
    case .on(let endpoint): endpoint.description
    }
  }
}
