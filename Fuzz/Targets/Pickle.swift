@testable import Checkpoint

extension FuzzTarget {
  /// `data.pkl`: either read as data within the limits, or refused with a message of one line.
  static let pickle = FuzzTarget(name: "pickle") { bytes in
    let site = ErrorSite(file: "data.pkl")
    do throws(ModelError) {
      let graph = try PickleReader.read(bytes, site: site)
      guard graph.objectCount <= PickleReader.objectCountMax else { throw site.error("has too many objects\n") }
      guard case .dictionary(let top) = graph.root else { return }
      for value in try graph.namedItems(of: top, site: site).values {
        _ = try? PickledParameters.read(value, graph: graph, site: site)
      }
    } catch {
      try refusesInOneLine(error)
    }
  }

  static func refusesInOneLine(_ error: ModelError) throws {
    try promise(!error.description.contains(where: \.isNewline), error.description)
    try promise(error.description.utf8.count < 8_192, error.description)
  }
}
