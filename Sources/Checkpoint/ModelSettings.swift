import JSON

/// An object in a model's JSON file, whose members are read by key and kind. Wrong values are refused by file and key,
/// with the value. A member that is null counts as absent.
public struct ModelSettings: Sendable {
  /// The file's name in errors.
  public let file: String
  /// The object's place in the file, such as `pooling.options` or `[2]`; empty for the file's outermost object.
  public let place: String
  /// The members as the file has them.
  public let object: JSONObject

  /// - Parameter file: the name in errors.
  /// - Throws: ``ModelError`` unless the bytes are a JSON object.
  public init(file: String, bytes: [UInt8]) throws(ModelError) {
    let value = try Self.value(file: file, bytes: bytes)
    guard let object = value.object else { throw ModelError(file: file, reason: "is \(value.kind), not a JSON object") }
    self.init(file: file, place: "", object: object)
  }

  /// The objects of a file that contains a list of them.
  /// - Throws: ``ModelError`` unless the bytes are a JSON list of objects.
  public static func list(file: String, bytes: [UInt8]) throws(ModelError) -> [ModelSettings] {
    let value = try value(file: file, bytes: bytes)
    guard let values = value.array else { throw ModelError(file: file, reason: "is \(value.kind), not a JSON list") }
    return try objects(values, file: file, place: "")
  }

  private init(file: String, place: String, object: JSONObject) {
    self.file = file
    self.place = place
    self.object = object
  }

  /// The members' names in their order. A name that occurs twice is listed twice, and its last value counts.
  public var keys: [String] { object.members.map(\.name) }

  /// Whether there is a member with that name, null or not.
  public func contains(_ key: String) -> Bool { object[key] != nil }

  /// A member's value; nil if it is absent or null.
  public func value(_ key: String) -> JSONValue? { object[key].flatMap { $0.isNull ? nil : $0 } }

  /// A member that is true or false.
  /// - Parameter takesNumbers: whether 1 and 0 count as true and false, as in Python.
  public func bool(_ key: String, takesNumbers: Bool = false) throws(ModelError) -> Bool? {
    guard let value = value(key) else { return nil }
    if let bool = value.bool { return bool }
    if takesNumbers, let number = value.number {
      switch number.integer {
      case 0: return false
      case 1: return true
      default: throw refusal(key, "\(Self.short(number)) is neither true nor false")
      }
    }
    throw mismatch(key, value, "true or false")
  }

  /// A whole number, in any notation: 512, 512.0, 5.12e2.
  public func int(_ key: String, in range: ClosedRange<Int>) throws(ModelError) -> Int? {
    guard let value = value(key) else { return nil }
    guard let number = value.number else { throw mismatch(key, value, "a whole number") }
    if let integer = number.integer, range.contains(integer) { return integer }
    let isWithin = Double(range.lowerBound)...Double(range.upperBound) ~= number.double
    guard number.integer != nil || number.isFinite && !isWithin else {
      throw refusal(key, "\(Self.short(number)) is not a whole number")
    }
    throw refusal(key, "\(Self.short(number)) is outside \(range.lowerBound) … \(range.upperBound)")
  }

  /// A number. NaN is in no range; an infinity is in a range that extends to it.
  public func double(_ key: String, in range: ClosedRange<Double>) throws(ModelError) -> Double? {
    guard let value = value(key) else { return nil }
    guard let number = value.number else { throw mismatch(key, value, "a number") }
    guard range.contains(number.double) else {
      throw refusal(
        key, "\(Self.short(number)) is outside \(Self.text(range.lowerBound)) … \(Self.text(range.upperBound))")
    }
    return number.double
  }

  /// A string.
  public func string(_ key: String) throws(ModelError) -> String? {
    guard let value = value(key) else { return nil }
    guard let string = value.string else { throw mismatch(key, value, "a text") }
    return string
  }

  /// A list of strings.
  public func strings(_ key: String) throws(ModelError) -> [String]? {
    guard let value = value(key) else { return nil }
    guard let values = value.array else { throw mismatch(key, value, "a list of texts") }
    var strings: [String] = []
    for (index, value) in values.enumerated() {
      guard let string = value.string else { throw mismatch("\(key)[\(index)]", value, "a text") }
      strings.append(string)
    }
    return strings
  }

  /// An object inside this one.
  public func object(_ key: String) throws(ModelError) -> ModelSettings? {
    guard let value = value(key) else { return nil }
    guard let object = value.object else { throw mismatch(key, value, "an object") }
    return ModelSettings(file: file, place: entry(key), object: object)
  }

  /// A list of objects inside this one.
  public func objects(_ key: String) throws(ModelError) -> [ModelSettings]? {
    guard let value = value(key) else { return nil }
    guard let values = value.array else { throw mismatch(key, value, "a list of objects") }
    return try Self.objects(values, file: file, place: entry(key))
  }

  /// The error that names this file and a key, and says what is wrong with its value.
  public func refusal(_ key: String, _ reason: String) -> ModelError {
    ModelError(file: file, entry: entry(key), reason: reason)
  }

  private func entry(_ key: String) -> String { place.isEmpty ? key : "\(place).\(key)" }

  private func mismatch(_ key: String, _ value: JSONValue, _ expected: String) -> ModelError {
    refusal(key, "is \(value.kind), not \(expected)")
  }

  /// Python writes NaN and Infinity. The reader accepts them, so that the error can name the key for which they are no
  /// valid value.
  private static func value(file: String, bytes: [UInt8]) throws(ModelError) -> JSONValue {
    var policy = JSONReader.Policy.strict
    policy.takesNonFiniteNumbers = true
    do throws(JSONError) {
      return try JSONReader(policy).read(bytes)
    } catch {
      throw ModelError(file: file, reason: error.description)
    }
  }

  private static func objects(
    _ values: [JSONValue], file: String, place: String
  ) throws(ModelError) -> [ModelSettings] {
    var objects: [ModelSettings] = []
    for (index, value) in values.enumerated() {
      let place = "\(place)[\(index)]"
      guard let object = value.object else {
        throw ModelError(file: file, entry: place, reason: "is \(value.kind), not an object")
      }
      objects.append(ModelSettings(file: file, place: place, object: object))
    }
    return objects
  }

  /// A number's digits, as many as fit in a line.
  private static func short(_ number: JSONNumber) -> String {
    number.text.utf8.count > 40 ? "\(number.text.prefix(40))…" : number.text
  }

  /// Writes whole bounds without a fraction.
  private static func text(_ bound: Double) -> String { Int(exactly: bound).map(String.init) ?? bound.description }
}
