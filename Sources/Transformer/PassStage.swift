import Tensor

/// A step of a pass. Its items touch different rows or different columns, so threads may run them in any order; each item
/// needs the whole stage before.
struct PassStage {
  /// What a profile books the time to.
  let part: Profile.Stage
  let items: Int
  /// - Parameter workspace: the running thread's own.
  let run: (_ item: Int, _ workspace: AttentionWorkspace) -> Void

  init(_ part: Profile.Stage, items: Int, run: @escaping (_ item: Int, _ workspace: AttentionWorkspace) -> Void) {
    self.part = part
    self.items = items
    self.run = run
  }

  /// A stage with an item for each range.
  init(_ part: Profile.Stage, _ cuts: Cuts, run: @escaping (Range<Int>) -> Void) {
    self.init(part, items: cuts.count) { item, _ in run(cuts[item]) }
  }

  /// A stage that is not cut.
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
