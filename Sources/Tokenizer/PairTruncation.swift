/// How many tokens of each of two texts are kept if both together are too long.
enum PairTruncation {
  /// The `longest_first` of `tokenizers`: the longer text gets the room that the shorter one leaves. If both are longer
  /// than half of the room, they share it. The longer text gets the odd token; if both are equally long, the second
  /// gets it.
  static func longestFirst(_ first: Int, _ second: Int, room: Int) -> (first: Int, second: Int) {
    guard first + second > room else { return (first, second) }
    let shorter = min(first, second)
    var kept = (shorter: shorter, longer: max(shorter, room - shorter))
    if kept.shorter + kept.longer > room { kept = (room / 2, room / 2 + room % 2) }
    return first > second ? (kept.longer, kept.shorter) : (kept.shorter, kept.longer)
  }
}
