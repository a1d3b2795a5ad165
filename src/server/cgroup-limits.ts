// Reads how many processors and how much memory the control group allows this process, in either version
// of the kernel's interface (cgroups(7)), because Node does not follow the quota in all layouts. Read at
// the start; where nothing can be read there is no limit.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface CgroupLimits {
  /** Processors, with fractions; undefined: no quota. */
  readonly cpuCount: number | undefined;
  /** undefined: no limit. */
  readonly memoryBytes: number | undefined;
}

/** Below it a v1 limit is one; without a limit the kernel tells almost 2^63. */
const UNLIMITED_BYTES = 2 ** 60;

/**
 * @param root where the file system begins, "" but for tests: `/proc/self/cgroup` and `/sys/fs/cgroup`
 *   are read below it
 */
export function readCgroupLimits(root = ""): CgroupLimits {
  const cpuCounts: number[] = [];
  const memoryLimits: number[] = [];
  for (const line of (readText(`${root}/proc/self/cgroup`) ?? "").split("\n")) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) continue;
    for (const folder of listFolders(`${root}/sys/fs/cgroup`, controllers, path)) {
      const cpuCount = readCpuCount(folder);
      if (cpuCount !== undefined) cpuCounts.push(cpuCount);
      const memoryBytes = readMemoryLimit(folder);
      if (memoryBytes !== undefined) memoryLimits.push(memoryBytes);
    }
  }
  return { cpuCount: lowest(cpuCounts), memoryBytes: lowest(memoryLimits) };
}

/**
 * The group's folder and those above it, whose limits hold too. In a container the path may be that of
 * the host, and only the last of them be there.
 */
function listFolders(mount: string, controllers: string, path: string): string[] {
  // Version 2 has no controllers in its line; beside version 1 it is mounted below it.
  const mounts =
    controllers === ""
      ? [mount, join(mount, "unified")]
      : [join(mount, controllers), ...controllers.split(",").map((name) => join(mount, name))];
  const paths: string[] = [];
  for (let at = path; ; at = dirname(at)) {
    paths.push(at);
    if (dirname(at) === at) break;
  }
  return mounts.flatMap((each) => paths.map((at) => join(each, at)));
}

function readCpuCount(folder: string): number | undefined {
  // "max 100000" without a quota.
  const [quota, period] = readText(join(folder, "cpu.max"))?.split(/\s+/) ?? [
    readText(join(folder, "cpu.cfs_quota_us")),
    readText(join(folder, "cpu.cfs_period_us")),
  ];
  const cpuCount = Number(quota) / Number(period);
  // Version 1 says -1 without a quota.
  return Number.isFinite(cpuCount) && cpuCount > 0 ? cpuCount : undefined;
}

function readMemoryLimit(folder: string): number | undefined {
  const text =
    readText(join(folder, "memory.max")) ?? readText(join(folder, "memory.limit_in_bytes"));
  const bytes = text === undefined ? Number.NaN : Number(text);
  return bytes > 0 && bytes < UNLIMITED_BYTES ? bytes : undefined;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return undefined;
  }
}

function lowest(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.min(...values);
}
