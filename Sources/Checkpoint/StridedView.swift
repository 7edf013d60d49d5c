/// The layout of a tensor in a storage: element `[i, j, …]` is at `offset + i·strides[0] + j·strides[1] + …`.
struct StridedView: Sendable, Equatable {
  /// The offset in elements of the storage.
  let offset: Int
  let shape: [Int]
  /// The strides in elements of the storage.
  let strides: [Int]
  let elementCount: Int

  /// Throws unless every element is inside a storage of `storageCount` elements and no two elements share a place. With
  /// an overlapping view, a tiny file could describe a huge tensor.
  init(offset: Int, shape: [Int], strides: [Int], storageCount: Int, site: ErrorSite) throws(ModelError) {
    guard shape.count == strides.count else {
      throw site.error("has \(shape.count) dimensions and \(strides.count) strides")
    }
    guard offset >= 0, shape.allSatisfy({ $0 >= 0 }), strides.allSatisfy({ $0 >= 0 }) else {
      throw site.error("has a negative offset, size or stride")
    }
    let isEmpty = shape.contains(0)
    guard let count = StoredTensor.elementCount(of: shape),
      let last = isEmpty ? 0 : Self.reach(shape: shape, strides: strides, from: offset)
    else {
      throw site.error("shape \(shape) with strides \(strides) overflows")
    }
    guard isEmpty ? offset <= storageCount : last < storageCount else {
      throw site.error(
        "shape \(shape) with strides \(strides) from \(offset) reaches past its storage of \(storageCount) elements")
    }
    var covered = 0
    for (size, stride) in zip(shape, strides).sorted(by: { $0.1 < $1.1 }) where size > 1 && !isEmpty {
      guard stride > covered else { throw site.error("shape \(shape) with strides \(strides) repeats elements") }
      covered += (size - 1) * stride
    }
    self.offset = offset
    self.shape = shape
    self.strides = strides
    self.elementCount = count
  }

  /// The row-major view of a whole storage; the caller has checked the shape's product.
  init(rowMajor shape: [Int]) {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
    }
    self.offset = 0
    self.shape = shape
    self.strides = strides
    self.elementCount = shape.reduce(1, *)
  }

  /// Whether the elements are contiguous in row-major order.
  var isContiguous: Bool {
    var expected = 1
    for (size, stride) in zip(shape, strides).reversed() where size != 1 {
      guard stride == expected else { return false }
      expected *= size
    }
    return true
  }

  /// The storage index of the last element; nil if it overflows.
  private static func reach(shape: [Int], strides: [Int], from offset: Int) -> Int? {
    var last = offset
    for (size, stride) in zip(shape, strides) {
      let (step, stepOverflow) = (size - 1).multipliedReportingOverflow(by: stride)
      let (sum, sumOverflow) = last.addingReportingOverflow(step)
      guard !stepOverflow, !sumOverflow else { return nil }
      last = sum
    }
    return last
  }
}
