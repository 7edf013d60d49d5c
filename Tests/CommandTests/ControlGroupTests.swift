import TestSupport
import Testing

@testable import scimult

/// Limits of control groups, read from simulated hierarchies.
@Suite struct ControlGroupTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func group(_ memberships: String, _ files: [String: String]) throws -> ControlGroup {
    for (name, text) in files { try folder.write(name, text) }
    return ControlGroup(root: folder.path, memberships: memberships)
  }

  @Test func aMachineWithoutControlGroupsHasNoLimits() throws {
    for memberships in ["", "nonsense\n", "0::/\n", "4:memory:/a\n1:cpu:/a\n"] {
      let group = try group(memberships, [:])
      #expect(group.cpuQuota == nil)
      #expect(group.memoryLimit == nil)
    }
    let nowhere = ControlGroup(root: folder.file("absent"), memberships: "0::/a\n")
    #expect(nowhere.cpuQuota == nil && nowhere.memoryLimit == nil)
  }

  @Test(arguments: [("150000 100000\n", 1.5), ("max 100000\n", nil), ("20000 100000\n", 0.2), ("400000 200000\n", 2)])
  func readsTheQuotaOfV2(text: String, quota: Double?) throws {
    #expect(try group("0::/app\n", ["app/cpu.max": text]).cpuQuota == quota)
  }

  @Test(arguments: [("150000\n", 1.5), ("-1\n", nil), ("20000\n", 0.2)])
  func readsTheQuotaOfV1(text: String, quota: Double?) throws {
    let files = ["cpu/app/cpu.cfs_quota_us": text, "cpu/app/cpu.cfs_period_us": "100000\n"]
    #expect(try group("7:memory:/other\n1:cpu:/app\n", files).cpuQuota == quota)
  }

  @Test(arguments: [("536870912\n", 536_870_912), ("max\n", nil), ("0\n", 0)])
  func readsTheMemoryOfV2(text: String, limit: Int?) throws {
    #expect(try group("0::/app\n", ["app/memory.max": text]).memoryLimit == limit)
  }

  @Test(arguments: [("536870912\n", 536_870_912), ("9223372036854771712\n", nil), ("18446744073709551615\n", nil)])
  func readsTheMemoryOfV1(text: String, limit: Int?) throws {
    #expect(try group("4:memory:/app\n", ["memory/app/memory.limit_in_bytes": text]).memoryLimit == limit)
  }

  @Test(arguments: [("64\n", 64), ("max\n", nil)])
  func readsTheThreadsOfBothVersions(text: String, limit: Int?) throws {
    #expect(try group("0::/app\n", ["app/pids.max": text]).taskLimit == limit)
    #expect(try group("4:pids:/own\n", ["pids/own/pids.max": text]).taskLimit == limit)
  }

  @Test func theSmallestLimitUpToTheRootApplies() throws {
    let v2 = try group(
      "0::/a/b/c\n",
      [
        "cpu.max": "800000 100000\n", "a/cpu.max": "300000 100000\n", "a/b/cpu.max": "max 100000\n",
        "a/b/c/cpu.max": "50000 10000\n", "a/memory.max": "max\n", "a/b/memory.max": "1000\n",
        "a/b/c/memory.max": "2000\n", "a/other/memory.max": "1\n",
      ])
    #expect(v2.cpuQuota == 3)
    #expect(v2.memoryLimit == 1_000)
    let v1 = try group(
      "4:memory:/x/y\n1:cpu:/x/y\n",
      [
        "memory/memory.limit_in_bytes": "9223372036854771712\n", "memory/x/memory.limit_in_bytes": "5000\n",
        "memory/x/y/memory.limit_in_bytes": "7000\n", "cpu/x/cpu.cfs_quota_us": "250000\n",
        "cpu/x/cpu.cfs_period_us": "100000\n", "cpu/x/y/cpu.cfs_quota_us": "-1\n",
        "cpu/x/y/cpu.cfs_period_us": "100000\n",
      ])
    #expect(v1.cpuQuota == 2.5)
    #expect(v1.memoryLimit == 5_000)
  }

  @Test func aContainerSeesItsOwnGroupAsTheRoot() throws {
    let files = [
      "memory/memory.limit_in_bytes": "4096\n", "memory/inner/memory.limit_in_bytes": "1024\n", "cpu.max": "1 2\n",
    ]
    #expect(try group("4:memory:/docker/0123\n0::/docker/0123\n", files).memoryLimit == 4_096)
    #expect(try group("4:memory:/docker/0123\n0::/../..\n", files).cpuQuota == 0.5)
    #expect(try group("4:memory:/docker/0123/inner\n", files).memoryLimit == 1_024)
  }

  @Test func controllersMayShareAHierarchy() throws {
    let quota = ["cpu.cfs_quota_us": "300000\n", "cpu.cfs_period_us": "100000\n"]
    for mount in ["cpu,cpuacct", "cpu"] {
      let own = try TemporaryFolder()
      for (name, text) in quota { try own.write("\(mount)/app/\(name)", text) }
      #expect(ControlGroup(root: own.path, memberships: "3:cpu,cpuacct:/app\n").cpuQuota == 3)
    }
  }

  @Test func aPathMayHoldColons() throws {
    #expect(try group("0::/a:b\n", ["a:b/memory.max": "9\n"]).memoryLimit == 9)
  }

  @Test(arguments: ["", "max", "x 100000", "100000 0", "0 100000", "1 2 3", "99999999999999999999 1"])
  func anInvalidQuotaIsIgnored(text: String) throws {
    #expect(try group("0::/\n", ["cpu.max": text]).cpuQuota == nil)
  }
}
