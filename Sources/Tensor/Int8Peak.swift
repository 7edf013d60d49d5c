/// What the int8 product instructions of this core can do at best.
public enum Int8Peak {
  /// Measures the fastest of several short runs on the calling thread, for about a tenth of a second.
  /// - Returns: multiplications with addition (MACs) in a second.
  public static func measure() -> Double {
    let repetitions = 200_000
    let clock = ContinuousClock()
    var best = 0.0
    let end = clock.now + .milliseconds(100)
    repeat {
      var products = 0
      let time = clock.measure { products = int8Kernels.exercise(repetitions) }
      best = max(best, Double(products) / (time / .seconds(1)))
    } while clock.now < end
    return best
  }
}
