/// Options of `scimult serve` from environment variables: `--max-batch-tokens` is `SCIMULT_MAX_BATCH_TOKENS`.
///
/// They are put in front of the parser, so that a bad value is refused like one on the command line. An option that
/// is given there wins.
enum EnvironmentOptions {
  static func adding(_ environment: [String: String], to arguments: [String]) -> [String] {
    guard arguments.first == ServeCommand._commandName else { return arguments }
    let given = Set(arguments.map { String($0.prefix { $0 != "=" }) })
    var result = arguments
    for option in ServeCommand.optionNames where !given.contains("--\(option)") {
      guard let value = environment[variable(for: option)], !value.isEmpty else { continue }
      result.append("--\(option)=\(value)")
    }
    return result
  }

  static func variable(for option: String) -> String {
    "SCIMULT_" + option.replacing("-", with: "_").uppercased()
  }
}
