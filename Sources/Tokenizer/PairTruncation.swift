/// How many tokens of each of two texts are kept where both together are too long.
enum PairTruncation {
  /// The `longest_first` of `tokenizers`: the longer text is cut to what the shorter leaves. Where both are longer than
  /// half of the room they share it; the longer one has the odd token, the second if both are alike.
  static func longestFirst(_ first: Int, _ second: Int, room: Int) -> (first: Int, second: Int) {
    guard first + second > room else { return (first, second) }
    let shorter = min(first, second)
    var kept = (shorter: shorter, longer: max(shorter, room - shorter))
    if kept.shorter + kept.longer > room { kept = (room / 2, room / 2 + room % 2) }
    return first > second ? (kept.longer, kept.shorter) : (kept.shorter, kept.longer)
  }
}
