#if !_endian(little)
  #error("stored elements are little-endian and are read as they lie")
#endif

/// Reads one tensor's values into memory as fp32, with at most 1 MiB of buffers.
struct TensorReader {
  /// The bytes that are read at once: they stay in the CPU cache for the checksum, the conversion and the check for
  /// finite values.
  private static let chunkBytes = 256 << 10

  let file: RandomAccessFile
  let source: TensorSource

  private var site: ErrorSite { ErrorSite(file: file.path, entry: source.tensor.name) }
  private var elementBytes: Int { source.tensor.elementType.byteCount }
  private var chunkElements: Int { Self.chunkBytes / elementBytes }

  /// Fills `destination` in row-major order. `isVerified` means that the storage's checksum is already verified; after
  /// this function returns, it always is.
  func read(into destination: UnsafeMutableBufferPointer<Float>, isVerified: Bool) throws(ModelError) {
    let tensor = source.tensor
    guard tensor.elementType.isFloatingPoint else {
      throw site.error("holds \(tensor.elementType) elements, weights must be floating-point numbers")
    }
    guard destination.count == source.view.elementCount else {
      throw site.error("has \(source.view.elementCount) elements, not \(destination.count)")
    }
    let crc32 = isVerified ? nil : source.region.crc32
    let isWhole = source.view.elementCount * elementBytes == source.region.byteCount
    if source.view.isContiguous {
      if let crc32, !isWhole { try verifyRegion(crc32) }
      try readContiguous(into: destination, crc32: isWhole ? crc32 : nil)
    } else {
      if let crc32 { try verifyRegion(crc32) }
      try readStrided(into: destination)
    }
  }

  /// Reads the whole storage only for its checksum, if the view covers a part of it.
  private func verifyRegion(_ crc32: UInt32) throws(ModelError) {
    var checksum = Checksum()
    let chunk = UnsafeMutableRawBufferPointer.allocate(
      byteCount: min(Self.chunkBytes, source.region.byteCount), alignment: 16)
    defer { chunk.deallocate() }
    var done = 0
    while done < source.region.byteCount {
      let count = min(chunk.count, source.region.byteCount - done)
      let part = UnsafeMutableRawBufferPointer(rebasing: chunk[..<count])
      try file.read(at: source.region.offset + done, into: part)
      checksum.update(UnsafeRawBufferPointer(part))
      done += count
    }
    try checksum.check(against: crc32, site: site.at(source.region.entry))
  }

  private func readContiguous(
    into destination: UnsafeMutableBufferPointer<Float>, crc32: UInt32?
  ) throws(ModelError) {
    let elementType = source.tensor.elementType
    var checksum = Checksum()
    let staging = UnsafeMutableRawBufferPointer.allocate(
      byteCount: elementType == .float32 ? 0 : min(chunkElements, destination.count) * elementBytes, alignment: 16)
    defer { staging.deallocate() }
    var isFinite = true
    var done = 0
    while done < destination.count {
      let count = min(chunkElements, destination.count - done)
      let part = UnsafeMutableBufferPointer(rebasing: destination[done..<(done + count)])
      // fp32 is read directly into the destination, everything else into a staging chunk.
      let bytes =
        elementType == .float32
        ? UnsafeMutableRawBufferPointer(part)
        : UnsafeMutableRawBufferPointer(rebasing: staging[..<(count * elementBytes)])
      try file.read(at: source.region.offset + (source.view.offset + done) * elementBytes, into: bytes)
      if crc32 != nil { checksum.update(UnsafeRawBufferPointer(bytes)) }
      if elementType != .float32 {
        ElementConversion.convert(UnsafeRawBufferPointer(bytes), of: elementType, to: part)
      }
      isFinite = isFinite && ElementConversion.allFinite(UnsafeBufferPointer(part))
      done += count
    }
    // The checksum comes first, so that the error for a corrupt file is the checksum, not a number in it.
    if let crc32 { try checksum.check(against: crc32, site: site.at(source.region.entry)) }
    if !isFinite { throw nonFinite(destination) }
  }

  /// Reads the storage window by window, from the lowest to the highest element of the view. Views do not overlap, so
  /// in the order of falling strides the positions only rise, and each window is read once.
  private func readStrided(into destination: UnsafeMutableBufferPointer<Float>) throws(ModelError) {
    guard destination.count > 0 else { return }
    let axes = Axis.fallingStrides(of: source.view)
    let inner = axes.last ?? Axis(size: 1, stride: 1, rowMajorStride: 1)
    let outer = axes.dropLast()
    var window = ElementWindow(capacity: min(chunkElements, source.region.byteCount / elementBytes))
    var index = [Int](repeating: 0, count: outer.count)
    var from = source.view.offset
    var to = 0
    repeat {
      var done = 0
      while done < inner.size {
        let start = from + done * inner.stride
        if !window.range.contains(start) { try fill(&window, from: start) }
        let count = min(inner.size - done, (window.range.upperBound - 1 - start) / inner.stride + 1)
        let base = start - window.range.lowerBound
        window.values.withUnsafeBufferPointer { values in
          for step in 0..<count {
            destination[to + (done + step) * inner.rowMajorStride] = values[base + step * inner.stride]
          }
        }
        done += count
      }
    } while Self.advance(&index, over: outer, from: &from, to: &to)
    guard ElementConversion.allFinite(UnsafeBufferPointer(destination)) else { throw nonFinite(destination) }
  }

  /// Advances an odometer over `axes`; returns false after the last position.
  private static func advance(
    _ index: inout [Int], over axes: ArraySlice<Axis>, from: inout Int, to: inout Int
  ) -> Bool {
    for position in index.indices.reversed() {
      let axis = axes[position]
      index[position] += 1
      from += axis.stride
      to += axis.rowMajorStride
      if index[position] < axis.size { return true }
      from -= axis.size * axis.stride
      to -= axis.size * axis.rowMajorStride
      index[position] = 0
    }
    return false
  }

  private func fill(_ window: inout ElementWindow, from start: Int) throws(ModelError) {
    let count = min(chunkElements, source.region.byteCount / elementBytes - start)
    let bytes = try file.bytes(at: source.region.offset + start * elementBytes, count: count * elementBytes)
    window.range = start..<(start + count)
    bytes.withUnsafeBytes { bytes in
      window.values.withUnsafeMutableBufferPointer { values in
        ElementConversion.convert(
          bytes, of: source.tensor.elementType, to: UnsafeMutableBufferPointer(rebasing: values[..<count]))
      }
    }
  }

  /// The error that names the first value that is not finite, and its place.
  private func nonFinite(_ values: UnsafeMutableBufferPointer<Float>) -> ModelError {
    let flat = values.firstIndex { !$0.isFinite } ?? 0
    var rest = flat
    var place: [Int] = []
    for size in source.view.shape.reversed() {
      place.insert(rest % size, at: 0)
      rest /= size
    }
    return site.error("holds \(values[flat]) at \(place), weights must be finite")
  }
}

/// One dimension of a strided view and of its row-major copy, with both strides in elements.
private struct Axis {
  let size: Int
  let stride: Int
  let rowMajorStride: Int

  static func fallingStrides(of view: StridedView) -> [Axis] {
    let rowMajor = StridedView(rowMajor: view.shape).strides
    return view.shape.indices
      .map { Axis(size: view.shape[$0], stride: view.strides[$0], rowMajorStride: rowMajor[$0]) }
      .filter { $0.size > 1 }
      .sorted { $0.stride > $1.stride }
  }
}

/// A range of a storage's elements, as fp32.
private struct ElementWindow {
  var range = 0..<0
  var values: [Float]

  init(capacity: Int) {
    values = [Float](repeating: 0, count: capacity)
  }
}
