import Foundation

/// Paths of the repository's test data.
public enum Fixtures {
  /// The folder `Tests`.
  public static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path

  /// An expert model with vectors of the original SciMult code: 4 layers, hidden 64, `mod2:attn`.
  public static let tinyExpert = root + "/Fixtures/tiny-expert"

  /// The folder of the golden data.
  public static let golden = root + "/Golden"

  /// The names of the supported model folders, which differ in one property each.
  public static let variants = folders(in: golden + "/variants")

  /// The names of the refused model folders, with one fault each.
  public static let refused = folders(in: golden + "/refused")

  /// The lines of a text file, without empty ones.
  public static func lines(of path: String) throws -> [String] {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
  }

  private static func folders(in path: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.filter { !$0.hasPrefix(".") }.sorted()
  }
}
