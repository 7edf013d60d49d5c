import CKernels
import Glibc

/// The instructions for which a set of kernels is compiled.
public enum InstructionSet: String, CaseIterable, Sendable, Codable {
  case scalar, avx2, avxvnni, avx512vnni, amx, neon, neondot, i8mm

  /// The environment variable that names the set to use, instead of the best set that the CPU supports.
  public static let environmentVariable = "SCIMULT_ISA"

  /// The set that all operations use, chosen once: the set that the environment names, or the best one that the CPU
  /// supports.
  public static let current = choose(environment: getenv(environmentVariable).map { String(cString: $0) })

  /// The sets that this CPU supports, from the simplest to the best.
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
    case .avxvnni: SCIMULT_ISA_AVXVNNI
    case .avx512vnni: SCIMULT_ISA_AVX512VNNI
    case .amx: SCIMULT_ISA_AMX
    case .neon: SCIMULT_ISA_NEON
    case .neondot: SCIMULT_ISA_NEONDOT
    case .i8mm: SCIMULT_ISA_I8MM
    }
  }

  /// The number of 32-bit lanes in a vector.
  var lanes: Int {
    switch self {
    case .scalar, .neon, .neondot, .i8mm: 4
    case .avx2, .avxvnni: 8
    case .avx512vnni, .amx: 16
    }
  }

  /// Whether the set adds int8 products in 16 bits before it adds them in 32.
  var addsIn16Bits: Bool { self == .avx2 }

  /// The kernels of the set; nil if the CPU does not support it.
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

extension InstructionSet {
  /// The set that all operations use. If the environment names a set that cannot be used, the value is the scalar set,
  /// but the program reports the error before it computes anything.
  public static let inUse = (try? current.get()) ?? .scalar
}

/// The kernels of the set in use: a table of C functions that never changes.
let kernels: scimult_kernels = {
  guard let kernels = InstructionSet.inUse.kernels else { preconditionFailure("the set in use has kernels") }
  return kernels
}()

/// The int8 kernels of the set in use.
let int8Kernels: scimult_int8_kernels = {
  guard let kernels = scimult_int8_kernels_for(InstructionSet.inUse.code) else {
    preconditionFailure("every set has int8 kernels")
  }
  return kernels.pointee
}()

/// The bf16 kernels of the set in use; nil if the set has none, or if the CPU does not support the instructions.
let bfloat16Kernels: scimult_bf16_kernels? = scimult_bf16_kernels_for(InstructionSet.inUse.code)?.pointee
