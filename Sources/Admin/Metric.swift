/// A number for operators to watch, as Prometheus reads it.
public struct Metric: Sendable {
  public enum Kind: String, Sendable {
    /// Only grows, from 0 at the start.
    case counter
    /// Rises and falls.
    case gauge
  }

  let name: String
  let kind: Kind
  let help: String
  let value: Int

  /// - Parameters:
  ///   - name: of letters, digits and underscores; a counter's ends in `_total`.
  ///   - help: one line.
  public init(_ name: String, _ kind: Kind, help: String, value: Int) {
    self.name = name
    self.kind = kind
    self.help = help
    self.value = value
  }

  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  /// Three lines of Prometheus' text format.
  var text: String {
    """
    # HELP \(name) \(help)
    # TYPE \(name) \(kind.rawValue)
    \(name) \(value)

    """
  }
}
