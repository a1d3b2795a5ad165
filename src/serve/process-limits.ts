// How much the process may use: processors and memory by its control group (cgroups(7), in either version,
// because Node does not follow the quota in all layouts), and descriptors by its limit. From these follow
// the number of server threads and the memory for answers that their clients do not read. Limits are read
// at the start; a limit that cannot be read is none. `--workers` is obeyed as it is.

import { readFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { THREADS_MAX } from "../memory/memory-layout.ts";

export interface MachineBounds extends CgroupLimits {
  readonly coreCount: number;
  readonly descriptorLimit: number;
}

const MIB = 1024 * 1024;
/** The main thread, Node itself and the shared tables: 92 MB at rest (resident, Node 26.10, x86-64). */
const PROCESS_BYTES = 128 * MIB;
/**
 * A thread takes 26 MB at rest (117 MB with one, 920 MB with 32, after a start and no request). The rest
 * is for what it holds under load: 32 MiB of answers (site/file/response-cache.ts), and its connections.
 */
const THREAD_BYTES = 64 * MIB;

/** At least 1. */
export function chooseWorkerCount({
  coreCount,
  cpuCount = coreCount,
  memoryBytes,
  descriptorLimit,
}: MachineBounds): number {
  // A second thread can use half a processor.
  const ofCpu = Math.min(coreCount, Math.ceil(cpuCount));
  const ofMemory =
    memoryBytes === undefined
      ? THREADS_MAX
      : Math.floor((memoryBytes - PROCESS_BYTES) / THREAD_BYTES);
  return Math.max(1, Math.min(ofCpu, ofMemory, threadsWithin(descriptorLimit), THREADS_MAX));
}

export function readMachineBounds(): MachineBounds {
  const limits = readCgroupLimits();
  return {
    coreCount: availableParallelism(),
    cpuCount: limits.cpuCount,
    memoryBytes: readUsableMemory(limits),
    descriptorLimit: readDescriptorLimit(),
  };
}

/** The rest is for the program itself, for the files that it keeps in memory, and for connections. */
const SEND_SHARE = 1 / 8;
/** In each thread, on any machine, there is room for some hundred readers that stall. */
const THREAD_SEND_BYTES_MIN = 4 * 1024 * 1024;
/** Over all threads: 100,000 readers that stall find room; more would only let attackers fill more. */
const SEND_BYTES_MAX = 1024 * 1024 * 1024;

/** Bytes that this machine, or the control group around the process, lets it use. */
export function readUsableMemory({ memoryBytes } = readCgroupLimits()): number {
  const unlimited = Number.POSITIVE_INFINITY;
  // Node also knows the limits of systems without control groups; 0 means that there is none.
  const boundBytes = process.constrainedMemory() || unlimited;
  return Math.min(memoryBytes ?? unlimited, boundBytes, totalmem());
}

/** How many bytes of unread answers each of `threadCount` threads may hold. */
export function sendBytesPerThread(usableBytes: number, threadCount: number): number {
  const sendBytes = Math.min(usableBytes * SEND_SHARE, SEND_BYTES_MAX);
  return Math.max(Math.floor(sendBytes / threadCount), THREAD_SEND_BYTES_MIN);
}

/** The main thread's own, the log, the hit store and a few for files that are read at the start. */
const PROCESS_DESCRIPTORS = 32;
/** Of a server thread at rest, as /proc/PID/fd shows them: Node's event loop, and a listener. */
const THREAD_DESCRIPTORS = 7;
const CONNECTION_DESCRIPTORS = 2;
/** With fewer a thread is of no use; a browser opens six. */
const THREAD_CONNECTIONS_MIN = 4;
/** What systems without /proc give a process at least. */
const USUAL_LIMIT = 1024;

/** The process's descriptor limit (Node raises the soft limit to the hard one as it starts). */
export function readDescriptorLimit(): number {
  try {
    const match = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"));
    return match === null ? USUAL_LIMIT : Number(match[1]);
  } catch {
    return USUAL_LIMIT;
  }
}

/** Connections that one of `threadCount` threads may hold open. */
export function connectionsPerThread(descriptorLimit: number, threadCount: number): number {
  const left = descriptorLimit - PROCESS_DESCRIPTORS - THREAD_DESCRIPTORS * threadCount;
  return Math.max(THREAD_CONNECTIONS_MIN, Math.floor(left / CONNECTION_DESCRIPTORS / threadCount));
}

/** For how many threads the descriptors are enough, if each may have at least a few connections. */
export function threadsWithin(descriptorLimit: number): number {
  const ofThread = THREAD_DESCRIPTORS + CONNECTION_DESCRIPTORS * THREAD_CONNECTIONS_MIN;
  return Math.max(1, Math.floor((descriptorLimit - PROCESS_DESCRIPTORS) / ofThread));
}

export interface CgroupLimits {
  /** Processors, with fractions; undefined without a quota. */
  readonly cpuCount: number | undefined;
  /** Undefined without a limit. */
  readonly memoryBytes: number | undefined;
}

/** Without a limit, the kernel says almost 2^63 in version 1: only less than this is a limit. */
const UNLIMITED_BYTES = 2 ** 60;

/**
 * @param root the folder below which `/proc/self/cgroup` and `/sys/fs/cgroup` are read; for tests
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
 * The folder of the group, and those above it, because their limits hold too. In a container the path may
 * be that of the host, and only the last of these folders exist.
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
