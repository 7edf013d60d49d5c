/// A table of word embeddings, in the form that its precision reads.
public protocol WordTable: Sendable {
  init(_ table: WeightTable)

  /// Creates a table from existing bytes.
  init(rows: Int, columns: Int, bytes: ConstantBytes)

  static func size(rows: Int, columns: Int) -> Int

  var rows: Int { get }
  var columns: Int { get }
  var bytes: ConstantBytes { get }
}

extension WeightTable: WordTable {
  public init(_ table: WeightTable) { self = table }

  public static func size(rows: Int, columns: Int) -> Int { rows * columns * MemoryLayout<Float>.stride }
}
