import ArgumentParser

/// Options of `scimult serve` from environment variables: `--max-batch-tokens` is `SCIMULT_MAX_BATCH_TOKENS`. 1, true
/// or yes switches an option without a value on.
///
/// They are passed to the parser, so that a bad value is refused as on the command line. An option on the command line
/// wins.
enum EnvironmentOptions {
  static func adding(_ environment: [String: String], to arguments: [String]) -> [String] {
    guard arguments.first == ServeCommand._commandName else { return arguments }
    let given = Set(arguments.map { String($0.prefix { $0 != "=" }) })
    var result = arguments
    for option in ServeCommand.optionNames where !given.contains("--\(option.name)") {
      guard let value = environment[variable(for: option.name)], !value.isEmpty else { continue }
      if !option.isFlag {
        result.append("--\(option.name)=\(value)")
      } else if !off.contains(value) {
        // The parser refuses a value that a flag does not accept.
        result.append(on.contains(value) ? "--\(option.name)" : "--\(option.name)=\(value)")
      }
    }
    return result
  }

  private static let on: Set = ["1", "true", "yes"]
  private static let off: Set = ["0", "false", "no"]

  static func variable(for option: String) -> String {
    "SCIMULT_" + option.replacing("-", with: "_").uppercased()
  }
}

extension ServeCommand {
  /// An option by its long name.
  struct OptionName {
    let name: String
    /// Whether the option has no value.
    let isFlag: Bool
  }

  /// The options, in the order of their declaration, including those of groups.
  static var optionNames: [OptionName] { names(of: ServeCommand()) }

  private static func names(of value: Any) -> [OptionName] {
    Mirror(reflecting: value).children.flatMap { child -> [OptionName] in
      if child.value is OptionGroup<ModelOptions> { return names(of: ModelOptions()) }
      guard let label = child.label, label.hasPrefix("_") else { return [] }
      let name = label.dropFirst().reduce(into: "") { $0 += $1.isUppercase ? "-" + $1.lowercased() : String($1) }
      return [OptionName(name: name, isFlag: child.value is Flag<Bool>)]
    }
  }
}
