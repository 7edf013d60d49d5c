import Tensor

/// A step of a pass. Its items touch different rows or different columns, so threads may run them in any order. Each
/// item needs the complete previous stage.
struct PassStage {
  /// The stage of a profile to which the time is added.
  let part: Profile.Stage
  let items: Int
  /// - Parameter workspace: the workspace of the thread that runs the item.
  let run: (_ item: Int, _ workspace: AttentionWorkspace) -> Void

  init(_ part: Profile.Stage, items: Int, run: @escaping (_ item: Int, _ workspace: AttentionWorkspace) -> Void) {
    self.part = part
    self.items = items
    self.run = run
  }

  /// Creates a stage with one item per range.
  init(_ part: Profile.Stage, _ cuts: Cuts, run: @escaping (Range<Int>) -> Void) {
    self.init(part, items: cuts.count) { item, _ in run(cuts[item]) }
  }

  /// Creates a stage with a single item.
  init(_ part: Profile.Stage, run: @escaping () -> Void) {
    self.init(part, items: 1) { _, _ in run() }
  }

  /// Runs the whole stage on the calling thread.
  func runAll(workspace: AttentionWorkspace, profile: Profile?) {
    profile.measure(part) {
      for item in 0..<items { run(item, workspace) }
    }
  }
}
