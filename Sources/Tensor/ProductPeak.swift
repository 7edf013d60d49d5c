import CKernels

/// The peak speed of this core's product instructions, in the kernels in use.
public struct ProductPeak: Sendable, Equatable {
  /// Multiply-accumulate operations (MACs) per second.
  public let macsPerS: Double
  /// MACs per cycle of the core.
  public let macsPerCycle: Double

  public enum Arithmetic: Sendable {
    case int8, bf16, fp32
  }

  /// Measures products and the core's clock alternately, because a core may change its frequency at any time. Takes the
  /// fastest of many short runs of each, for about two tenths of a second, on the calling thread.
  public static func measure(_ arithmetic: Arithmetic) -> ProductPeak {
    switch arithmetic {
    case .int8: measure(int8Kernels.exercise)
    case .bf16: measure(bfloat16Kernels?.exercise ?? kernels.exercise)
    case .fp32: measure(kernels.exercise)
    }
  }

  static func measure(_ exercise: (Int) -> Int) -> ProductPeak {
    let clock = ContinuousClock()
    var (macsPerS, cyclesPerS) = (0.0, 0.0)
    let end = clock.now + .milliseconds(200)
    repeat {
      var products = 0
      let productTime = clock.measure { products = exercise(repetitions) }
      macsPerS = max(macsPerS, Double(products) / (productTime / .seconds(1)))
      let cycleTime = clock.measure { scimult_add_in_turn(cycles) }
      cyclesPerS = max(cyclesPerS, Double(cycles) / (cycleTime / .seconds(1)))
    } while clock.now < end
    return ProductPeak(macsPerS: macsPerS, macsPerCycle: macsPerS / cyclesPerS)
  }

  /// The repetitions in a run, which takes less than a millisecond, so that most runs are not interrupted.
  private static let repetitions = 20_000
  private static let cycles = 400_000
}
