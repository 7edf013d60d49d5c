/// An expert for one task, as the command line names it.
public struct ExpertAssignment: Sendable, Equatable {
  public let task: EncodingTask
  public let roles: [EncodingRole]
  /// A folder of an adapter or a whole encoder; nil for the encoder without an adapter.
  public let path: String?

  /// Reads `TASK=PATH` or `TASK:ROLE=PATH`; an empty path means the encoder without an adapter. nil if the text is
  /// neither.
  public init?(_ text: String) {
    let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let names = sides[0].split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard sides.count == 2, (1...2).contains(names.count), let task = EncodingTask(name: names[0]) else { return nil }
    self.task = task
    path = sides[1].isEmpty ? nil : String(sides[1])
    guard names.count == 2 else {
      roles = EncodingRole.allCases
      return
    }
    guard let role = EncodingRole(rawValue: names[1]) else { return nil }
    roles = [role]
  }
}
