/// An environment variable with a value that the server does not support.
public struct OTLPVariableError: Error, CustomStringConvertible {
  public let description: String

  /// - Parameter hint: the valid values.
  init(_ name: String, _ value: String, _ hint: String) {
    description = "\(name) is \"\(value.prefix(80))\": \(hint)"
  }
}

/// OpenTelemetry's environment variables. An empty variable counts as not set.
struct OTLPVariables {
  private let environment: [String: String]

  init(_ environment: [String: String]) {
    self.environment = environment
  }

  subscript(name: String) -> String? {
    guard let value = environment[name]?.split(separator: "\n").first.map(String.init), !value.isEmpty else {
      return nil
    }
    return value
  }

  /// The variable of an exporter option: the one for traces if it is set, otherwise the one for all signals.
  func exporterName(_ option: String) -> String {
    let own = "OTEL_EXPORTER_OTLP_TRACES_\(option)"
    return self[own] == nil ? "OTEL_EXPORTER_OTLP_\(option)" : own
  }

  /// Refuses all values except the only supported one.
  func check(_ option: String, is value: String) throws(OTLPVariableError) {
    let name = exporterName(option)
    guard let given = self[name], given != value else { return }
    throw OTLPVariableError(name, given, "this server knows \(value) only")
  }

  func flag(_ name: String) throws(OTLPVariableError) -> Bool {
    switch self[name]?.lowercased() {
    case nil, "false": return false
    case "true": return true
    case let value?: throw OTLPVariableError(name, value, "it may be true or false")
    }
  }

  func number(_ name: String, _ byDefault: Int) throws(OTLPVariableError) -> Int {
    guard let text = self[name] else { return byDefault }
    guard let number = Int(text), (1...1 << 20).contains(number) else {
      throw OTLPVariableError(name, text, "it may be a number from 1 to 1048576")
    }
    return number
  }

  func milliseconds(_ name: String, _ byDefault: Int) throws(OTLPVariableError) -> Duration {
    .milliseconds(try number(name, byDefault))
  }

  func share(_ name: String, _ byDefault: Double) throws(OTLPVariableError) -> Double {
    guard let text = self[name] else { return byDefault }
    guard let share = Double(text), (0...1).contains(share) else {
      throw OTLPVariableError(name, text, "it may be a number from 0 to 1")
    }
    return share
  }

  /// `key=value,key=value`, the values percent-encoded. Values may be secrets: an error does not repeat them.
  func pairs(_ name: String) throws(OTLPVariableError) -> [(name: String, value: String)] {
    var pairs: [(name: String, value: String)] = []
    for member in self[name]?.split(separator: ",") ?? [] {
      let parts = member.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let key = parts[0].trimming(" \t")
      guard parts.count == 2, !key.isEmpty, let value = Self.percentDecoded(parts[1].trimming(" \t")) else {
        throw OTLPVariableError(name, "…", "it may be KEY=VALUE,KEY=VALUE with percent-encoded values")
      }
      pairs.append((String(key), value))
    }
    return pairs
  }

  /// nil if two hexadecimal digits do not follow a percent sign, or if the bytes are not UTF-8.
  private static func percentDecoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = String(decoding: rest.prefix(2), as: UTF8.self)
      guard digits.count == 2, digits.allSatisfy(\.isHexDigit), let decoded = UInt8(digits, radix: 16) else {
        return nil
      }
      bytes.append(decoded)
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
