// What Linux says about a server and everything it started: CPU time and memory, summed over its
// process tree. Read from /proc before and after a load.

import { readdirSync, readFileSync } from "node:fs";

/** USER_HZ: the unit of times in /proc/PID/stat on every Linux of today (proc(5)). */
const TICKS_PER_SECOND = 100;

/** The process and its descendants, in no order. Those that have ended are left out. */
export function listProcessTree(rootPid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    const stat = /^\d+$/.test(name) ? readIfThere(`/proc/${name}/stat`) : undefined;
    if (stat === undefined) continue;
    const { parentPid } = parseStat(stat);
    children.set(parentPid, [...(children.get(parentPid) ?? []), Number(name)]);
  }
  const tree = [rootPid];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

/** Nanoseconds of CPU time, user and system, of the process tree so far. */
export function readCpuNs(rootPid: number): number {
  let sum = 0;
  for (const pid of listProcessTree(rootPid)) sum += readProcessCpuNs(pid);
  return sum;
}

/** Of all its threads to the nanosecond, or in hundredths of a second where the kernel tells less. */
function readProcessCpuNs(pid: number): number {
  const times = listThreads(pid).map((thread) =>
    readIfThere(`/proc/${pid}/task/${thread}/schedstat`),
  );
  if (times.length > 0 && times.every((text) => text !== undefined)) {
    return times.reduce((sum, text) => sum + parseSchedstatNs(text), 0);
  }
  const stat = readIfThere(`/proc/${pid}/stat`);
  return stat === undefined ? 0 : parseStat(stat).cpuNs;
}

function listThreads(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** The first number of /proc/PID/task/TID/schedstat: time spent on the CPU, in nanoseconds. */
export function parseSchedstatNs(text: string): number {
  return Number(/^\d+/.exec(text)?.[0]);
}

/** Fields 4, 14 and 15 of /proc/PID/stat; the name in parentheses may hold spaces and parentheses. */
export function parseStat(text: string): { parentPid: number; cpuNs: number } {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  return { parentPid: Number(fields[1]), cpuNs: (ticks * 1e9) / TICKS_PER_SECOND };
}

/**
 * Bytes of resident memory of the process tree. A page that several processes share counts once in
 * all (PSS), so that servers made of processes are not counted several times.
 */
export function readMemoryBytes(rootPid: number): number {
  let sum = 0;
  for (const pid of listProcessTree(rootPid)) {
    sum += parseKilobytes(readIfThere(`/proc/${pid}/smaps_rollup`) ?? "", "Pss");
  }
  return sum;
}

/** The most bytes resident so far, summed over the processes of the tree. */
export function readPeakMemoryBytes(rootPid: number): number {
  let sum = 0;
  for (const pid of listProcessTree(rootPid)) {
    sum += parseKilobytes(readIfThere(`/proc/${pid}/status`) ?? "", "VmHWM");
  }
  return sum;
}

/** The line `NAME: 123 kB` in bytes; 0 when there is none, as with a process that has just ended. */
export function parseKilobytes(text: string, name: string): number {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text);
  return match === null ? 0 : Number(match[1]) * 1024;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
