/// The safetensors format: the header's length (8 bytes), a JSON header, and the tensors' bytes end to end.
enum Safetensors {
  static let headerBytesMax = 100_000_000
  private static let prefixBytes = 8

  /// The tensors of a file by name. Throws unless their bytes fill the file exactly, without gaps or overlaps.
  static func sources(in file: RandomAccessFile) throws(ModelError) -> [String: TensorSource] {
    let site = ErrorSite(file: file.path, entry: "header")
    let prefix = try file.bytes(at: 0, count: prefixBytes)
    let stated = prefix.littleEndian(at: 0, byteCount: prefixBytes)
    guard stated <= UInt64(headerBytesMax) else {
      throw site.error("states \(stated) bytes, at most \(headerBytesMax) are allowed")
    }
    let headerBytes = Int(stated)
    guard headerBytes <= file.size - prefixBytes else {
      throw site.error("states \(headerBytes) bytes, the file has \(file.size): it is truncated")
    }
    var parser = SafetensorsHeader(bytes: try file.bytes(at: prefixBytes, count: headerBytes), site: site)
    let records = try parser.records()
    try refuseGaps(records, dataBytes: file.size - prefixBytes - headerBytes, site: site)
    var sources: [String: TensorSource] = [:]
    for record in records {
      let source = try source(of: record, dataOffset: prefixBytes + headerBytes, site: site.at(record.name))
      guard sources.updateValue(source, forKey: record.name) == nil else {
        throw site.at(record.name).error("is in the header twice")
      }
    }
    guard !sources.isEmpty else { throw ErrorSite(file: file.path).error("holds no tensors") }
    return sources
  }

  private static func refuseGaps(
    _ records: [SafetensorsHeader.Record], dataBytes: Int, site: ErrorSite
  ) throws(ModelError) {
    var end = 0
    // An empty tensor may begin where the next tensor begins: the empty one comes first.
    for record in records.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
      guard record.begin == end, record.end >= record.begin else {
        throw site.at(record.name).error(
          "lies at bytes \(record.begin) to \(record.end) of the data, the tensor before it ends at \(end)")
      }
      end = record.end
    }
    guard end == dataBytes else {
      throw site.error("states \(end) bytes of data, the file has \(dataBytes): it is truncated or corrupt")
    }
  }

  private static func source(
    of record: SafetensorsHeader.Record, dataOffset: Int, site: ErrorSite
  ) throws(ModelError) -> TensorSource {
    guard let elementType = elementTypes[record.elementType] else {
      throw site.error("has elements of type \(record.elementType), which is not supported")
    }
    guard let count = StoredTensor.elementCount(of: record.shape) else {
      throw site.error("shape \(record.shape) overflows")
    }
    let (byteCount, overflow) = count.multipliedReportingOverflow(by: elementType.byteCount)
    guard !overflow else { throw site.error("shape \(record.shape) overflows") }
    guard byteCount == record.end - record.begin else {
      throw site.error(
        "has \(record.end - record.begin) bytes, not those of shape \(record.shape) of \(elementType)")
    }
    return TensorSource(
      tensor: StoredTensor(name: record.name, shape: record.shape, elementType: elementType),
      region: StorageRegion(
        entry: record.name, offset: dataOffset + record.begin, byteCount: byteCount, crc32: nil),
      view: StridedView(rowMajor: record.shape))
  }

  private static let elementTypes: [String: ElementType] = [
    "F32": .float32, "F16": .float16, "BF16": .bfloat16, "F64": .float64, "I64": .int64, "I32": .int32, "U8": .uint8,
    "BOOL": .bool,
  ]
}
