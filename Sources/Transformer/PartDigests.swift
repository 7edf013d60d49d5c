import Digest
import Dispatch
import Synchronization
import Tensor

/// SHA-256 of an encoder's parts in fp32, computed while the next part is packed.
final class PartDigests: Sendable {
  private let digests = Mutex<[String: [UInt8]]>([:])
  private let queue = DispatchQueue(label: "scimult.digests")

  /// Adds a part. Waits for the previous part, so that at most two are in memory.
  /// - Parameter name: the part's name in a converted file.
  func add(_ name: String, _ table: WeightTable) {
    queue.sync {}
    queue.async { [self] in
      var hasher = SHA256()
      table.bytes.withBytes { hasher.update($0) }
      let digest = hasher.finalize()
      digests.withLock { $0[name] = digest }
    }
  }

  /// One digest of all parts and their names.
  func finish() -> [UInt8] {
    queue.sync {}
    var hasher = SHA256()
    for (name, digest) in digests.withLock({ $0.sorted { $0.key < $1.key } }) {
      hasher.update(Array(name.utf8))
      hasher.update(digest)
    }
    return hasher.finalize()
  }
}
