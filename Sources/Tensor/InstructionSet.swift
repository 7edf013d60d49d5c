import CKernels
import Glibc

/// The instructions that a set of kernels is compiled for.
public enum InstructionSet: String, CaseIterable, Sendable {
  case scalar, avx2, avx512vnni

  /// Names the set to use, in place of the best that the CPU has.
  public static let environmentVariable = "SCIMULT_ISA"

  /// The set that all operations use, chosen once: the environment's, else the best that the CPU has.
  public static let current = choose(environment: getenv(environmentVariable).map { String(cString: $0) })

  /// The sets that this CPU has, from the plainest to the best.
  public static var available: [InstructionSet] { allCases.filter { scimult_kernels_for($0.code) != nil } }

  static func choose(environment name: String?) -> Result<InstructionSet, InstructionSetError> {
    let available = available
    guard let name, !name.isEmpty else { return .success(available.last ?? .scalar) }
    guard let named = InstructionSet(rawValue: name), available.contains(named) else {
      return .failure(InstructionSetError(name: name, available: available))
    }
    return .success(named)
  }

  var code: scimult_isa {
    switch self {
    case .scalar: SCIMULT_ISA_SCALAR
    case .avx2: SCIMULT_ISA_AVX2
    case .avx512vnni: SCIMULT_ISA_AVX512VNNI
    }
  }

  /// The kernels of the set; nil where the CPU lacks it.
  var kernels: scimult_kernels? { scimult_kernels_for(code)?.pointee }
}

/// The environment names a set of kernels that cannot be used.
public struct InstructionSetError: Error, Sendable, Equatable, CustomStringConvertible {
  let name: String
  let available: [InstructionSet]

  public var description: String {
    let names = available.map(\.rawValue).joined(separator: ", ")
    return "\(InstructionSet.environmentVariable)=\(name) is unknown, or this CPU lacks it; available are \(names)"
  }
}

/// The kernels of ``InstructionSet/current``. A table of C functions that never changes. Where the environment names a
/// set that cannot be used, which a program refuses before it computes, it is the specification.
nonisolated(unsafe) let kernels: scimult_kernels = {
  let set = (try? InstructionSet.current.get()) ?? .scalar
  guard let kernels = set.kernels ?? InstructionSet.scalar.kernels else {
    preconditionFailure("the scalar kernels are always there")
  }
  return kernels
}()
