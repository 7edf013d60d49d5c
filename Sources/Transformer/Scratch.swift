/// The activations of passes, kept by one thread from pass to pass.
public final class Scratch {
  let float = FloatScratch()
  let int8 = Int8Scratch()
  let strip = StripScratch()

  public init() {}
}
