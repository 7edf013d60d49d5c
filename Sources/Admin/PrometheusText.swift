/// Prometheus' text format, version 0.0.4.
enum PrometheusText {
  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  static func render(_ families: [MetricFamily]) -> String {
    families.reduce(into: "") { text, family in
      let name = family.description.name
      text += "# HELP \(name) \(escaped(family.description.help, quotes: false))\n"
      text += "# TYPE \(name) \(family.description.kind.name)\n"
      for sample in family.samples {
        text += "\(name)\(sample.suffix)\(render(sample.labels)) \(render(sample.value))\n"
      }
    }
  }

  private static func render(_ labels: [MetricLabel]) -> String {
    guard !labels.isEmpty else { return "" }
    return "{" + labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }.joined(separator: ",") + "}"
  }

  /// The shortest decimal that converts back to the same number; integers have no decimal point.
  static func render(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    return Int(exactly: value).map(\.description) ?? value.description
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    text.reduce(into: "") { escaped, character in
      switch character {
      case "\\": escaped += "\\\\"
      case "\n", "\r\n": escaped += "\\n"
      case "\"" where quotes: escaped += "\\\""
      default: escaped.append(character)
      }
    }
  }
}
