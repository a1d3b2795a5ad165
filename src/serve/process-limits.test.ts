import assert from "node:assert/strict";
import { test } from "node:test";
import { makeTempFolder, writeTree } from "../../test/fixtures/temp-folder.ts";
import {
  type CgroupLimits,
  chooseWorkerCount,
  connectionsPerThread,
  type MachineBounds,
  readCgroupLimits,
} from "./process-limits.ts";

const MIB = 1024 * 1024;
const LARGE: MachineBounds = {
  coreCount: 64,
  cpuCount: undefined,
  memoryBytes: 256 * 1024 * MIB,
  descriptorLimit: 1_048_576,
};

const CHOICES: readonly [string, Partial<MachineBounds>, number][] = [
  ["a large machine has a thread for each core", {}, 64],
  ["a quota of 2 processors", { cpuCount: 2 }, 2],
  ["a quota of a processor and a half", { cpuCount: 1.5 }, 2],
  ["a tenth of a processor", { cpuCount: 0.1 }, 1],
  ["a quota above the cores", { coreCount: 2, cpuCount: 8 }, 2],
  ["a memory limit of 512 MiB", { memoryBytes: 512 * MIB }, 6],
  ["a memory limit of 256 MiB", { memoryBytes: 256 * MIB }, 2],
  ["a memory limit of 64 MiB", { memoryBytes: 64 * MIB }, 1],
  ["memory that nothing bounds", { memoryBytes: undefined }, 64],
  ["64 descriptors", { descriptorLimit: 64 }, 2],
  ["16 descriptors", { descriptorLimit: 16 }, 1],
  ["the narrowest of all counts", { cpuCount: 4, memoryBytes: 384 * MIB, descriptorLimit: 80 }, 3],
];

for (const [name, bounds, count] of CHOICES) {
  test(`threads without --workers: ${name} [${count}]`, () => {
    assert.equal(chooseWorkerCount({ ...LARGE, ...bounds }), count);
  });
}

const NONE: CgroupLimits = { cpuCount: undefined, memoryBytes: undefined };
const HOST = "proc/self/cgroup";
const GROUPS = "sys/fs/cgroup";

const LAYOUTS: readonly [string, Record<string, string>, CgroupLimits][] = [
  ["no /proc", {}, NONE],
  [
    "version 2, in a container of its own namespace",
    {
      [HOST]: "0::/\n",
      [`${GROUPS}/cpu.max`]: "150000 100000\n",
      [`${GROUPS}/memory.max`]: "536870912\n",
    },
    { cpuCount: 1.5, memoryBytes: 512 * MIB },
  ],
  [
    "version 2 without limits",
    {
      [HOST]: "0::/user.slice\n",
      [`${GROUPS}/user.slice/cpu.max`]: "max 100000\n",
      [`${GROUPS}/user.slice/memory.max`]: "max\n",
    },
    NONE,
  ],
  [
    "version 2, a limit of the group above",
    {
      [HOST]: "0::/kubepods/pod1/box\n",
      [`${GROUPS}/kubepods/pod1/box/cpu.max`]: "max 100000\n",
      [`${GROUPS}/kubepods/pod1/box/memory.max`]: "1073741824\n",
      [`${GROUPS}/kubepods/pod1/cpu.max`]: "50000 100000\n",
      [`${GROUPS}/kubepods/pod1/memory.max`]: "268435456\n",
    },
    { cpuCount: 0.5, memoryBytes: 256 * MIB },
  ],
  [
    "version 1",
    {
      [HOST]: "4:memory:/a\n3:cpu,cpuacct:/a\n0::/\n",
      [`${GROUPS}/cpu,cpuacct/a/cpu.cfs_quota_us`]: "200000\n",
      [`${GROUPS}/cpu,cpuacct/a/cpu.cfs_period_us`]: "100000\n",
      [`${GROUPS}/memory/a/memory.limit_in_bytes`]: "134217728\n",
    },
    { cpuCount: 2, memoryBytes: 128 * MIB },
  ],
  [
    "version 1 in a container that is told the path of the host",
    {
      [HOST]: "4:memory:/docker/0a\n3:cpu:/docker/0a\n",
      [`${GROUPS}/cpu/cpu.cfs_quota_us`]: "100000\n",
      [`${GROUPS}/cpu/cpu.cfs_period_us`]: "100000\n",
      [`${GROUPS}/memory/memory.limit_in_bytes`]: "268435456\n",
    },
    { cpuCount: 1, memoryBytes: 256 * MIB },
  ],
  [
    "version 1 without limits",
    {
      [HOST]: "4:memory:/\n3:cpu:/\n",
      [`${GROUPS}/cpu/cpu.cfs_quota_us`]: "-1\n",
      [`${GROUPS}/cpu/cpu.cfs_period_us`]: "100000\n",
      [`${GROUPS}/memory/memory.limit_in_bytes`]: "9223372036854771712\n",
    },
    NONE,
  ],
  [
    "files that hold something else",
    {
      [HOST]: "0::/\nnonsense\n",
      [`${GROUPS}/cpu.max`]: "\n",
      [`${GROUPS}/memory.max`]: "much\n",
    },
    NONE,
  ],
];

for (const [name, files, limits] of LAYOUTS) {
  test(`the limits of a control group are read [${name}]`, (t) => {
    const root = makeTempFolder(t);
    writeTree(root, files);
    assert.deepEqual(readCgroupLimits(root), limits);
  });
}

test("connections take no descriptors that threads need [64, 128 and 1024, with 2 threads]", () => {
  for (const limit of [64, 128, 1024]) {
    const taken = 2 * (7 + 2 * connectionsPerThread(limit, 2));
    assert.ok(taken + 24 <= limit, `${taken} of ${limit}`);
  }
});
