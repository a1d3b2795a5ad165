// Which mounted file systems may keep their caller waiting: a network disk that is far away or gone, a
// program that serves files (FUSE). The thread that answers opens what is known to be fast, on a disk of
// this machine or in its memory; threads that wait for nothing else open the rest (threads.ts). Each
// server thread has one table, and asks it before each open.

import { lstatSync, readFileSync, readlinkSync } from "node:fs";

/** A mounted file system whose calls may take long, or for good. */
export interface SlowMount {
  /** Where it is mounted; one character a byte. */
  readonly mountPoint: string;
  /** As the kernel names it: `nfs4`, `fuse.sshfs`. */
  readonly type: string;
}

/** The path lies in a slow mount. Nothing was opened: another thread has to open it. */
export class SlowPlaceError extends Error {
  override readonly name = "SlowPlaceError";
  readonly mount: SlowMount;

  constructor(mount: SlowMount) {
    super(`"${mount.mountPoint}" may keep its caller waiting`);
    this.mount = mount;
  }
}

/** File systems of a disk or of memory of this machine, and the kernel's own. All others are slow. */
const FAST_TYPES: ReadonlySet<string> = new Set(
  (
    "ext2 ext3 ext4 xfs btrfs zfs f2fs bcachefs jfs reiserfs nilfs2 minix ufs " +
    "vfat msdos exfat ntfs3 hfs hfsplus iso9660 udf squashfs erofs cramfs romfs jffs2 ubifs " +
    "overlay aufs tmpfs ramfs rootfs devtmpfs hugetlbfs proc sysfs devpts mqueue cgroup cgroup2 " +
    "bpf configfs debugfs tracefs securityfs pstore efivarfs fusectl binfmt_misc nsfs selinuxfs"
  ).split(" "),
);

/** A folder that is mounted while the server runs is noticed this much later at most. */
const LOOK_INTERVAL_MS = 250;
/** As many as the kernel follows (path_resolution(7)). */
const LINKS_MAX = 40;

export interface MountTableOptions {
  /** The text of /proc/self/mountinfo; undefined where there is none: then everything is fast. */
  readonly readMounts: () => string | undefined;
  readonly monotonicMs: () => number;
}

export class MountTable {
  readonly #options: MountTableOptions;
  #slowMounts: ReadonlyMap<string, SlowMount> = new Map();
  #text: string | undefined;
  #lookedMs = Number.NEGATIVE_INFINITY;

  constructor(options: MountTableOptions) {
    this.#options = options;
  }

  /** Whether any mount of the machine is slow. If none is, nothing below has anything to say. */
  get hasSlow(): boolean {
    const { readMounts, monotonicMs } = this.#options;
    const nowMs = monotonicMs();
    if (nowMs - this.#lookedMs >= LOOK_INTERVAL_MS) {
      this.#lookedMs = nowMs;
      const text = readMounts();
      if (text !== this.#text)
        this.#slowMounts = text === undefined ? new Map() : parseSlowMounts(text);
      this.#text = text;
    }
    return this.#slowMounts.size > 0;
  }

  /**
   * The slow mount that opening a path would touch first; undefined when there is none on the way.
   * It touches only what is fast itself.
   * @param from absolute path without links, or "" for the root of the system
   * @param rest the path behind it, which begins with a slash or is empty; links in it are followed.
   *   Both have one character a byte.
   */
  locate(from: string, rest: string): SlowMount | undefined {
    if (!this.hasSlow) return undefined;
    return this.#onTheWay(from) ?? this.#walk(from === "/" ? "" : from, rest);
  }

  /** The slow mounts that lie directly in a folder, by their names. */
  namesIn(realFolder: string): ReadonlyMap<string, SlowMount> {
    const prefix = realFolder === "/" ? "/" : `${realFolder}/`;
    const names = new Map<string, SlowMount>();
    if (!this.hasSlow) return names;
    for (const [point, mount] of this.#slowMounts) {
      if (!point.startsWith(prefix)) continue;
      const name = point.slice(prefix.length);
      if (name !== "" && !name.includes("/")) names.set(name, mount);
    }
    return names;
  }

  /** The slow mount that a path without links lies in. */
  #onTheWay(realPath: string): SlowMount | undefined {
    for (let end = realPath.indexOf("/", 1); ; end = realPath.indexOf("/", end + 1)) {
      const mount = this.#slowMounts.get(end === -1 ? realPath : realPath.slice(0, end));
      if (mount !== undefined || end === -1) return mount;
    }
  }

  #walk(from: string, rest: string): SlowMount | undefined {
    let at = from;
    const ahead = namesOf(rest);
    for (let linkCount = 0; ; ) {
      const name = ahead.pop();
      if (name === undefined) return undefined;
      if (name === "..") {
        at = at.slice(0, Math.max(0, at.lastIndexOf("/")));
        continue;
      }
      const next = `${at}/${name}`;
      const mount = this.#slowMounts.get(next);
      if (mount !== undefined) return mount;
      const target = readLink(next);
      if (target === undefined) {
        at = next;
        continue;
      }
      // The kernel follows no more links than this, so opening the path fails.
      if (++linkCount > LINKS_MAX) return undefined;
      if (target.startsWith("/")) at = "";
      ahead.push(...namesOf(target));
    }
  }
}

/** The text that a MountTable reads; undefined where the system has none. */
export function readMountInfo(): string | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    return readFileSync("/proc/self/mountinfo", "latin1");
  } catch {
    return undefined;
  }
}

/**
 * The slow mounts by their mount points (proc_pid_mountinfo(5)). A mount over another one, in the same
 * place, hides that one.
 */
export function parseSlowMounts(text: string): ReadonlyMap<string, SlowMount> {
  const mounts = new Map<string, SlowMount>();
  for (const line of text.split("\n")) {
    const [before = "", after] = line.split(" - ", 2);
    const mountPoint = unescapeOctal(before.split(" ")[4] ?? "");
    const type = after?.split(" ")[0];
    if (type === undefined || mountPoint === "") continue;
    if (FAST_TYPES.has(type)) mounts.delete(mountPoint);
    else mounts.set(mountPoint, { mountPoint, type });
  }
  return mounts;
}

/** The kernel writes blanks, line ends and backslashes as three octal digits. */
function unescapeOctal(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/** The names of a path, the first one at the end, so that it can be popped. */
function namesOf(path: string): string[] {
  return path
    .split("/")
    .filter((name) => name !== "" && name !== ".")
    .reverse();
}

/** Where a link leads. Undefined for what is no link or does not exist: opening it will tell. */
function readLink(path: string): string | undefined {
  const bytes = Buffer.from(path, "latin1");
  try {
    if (lstatSync(bytes, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return undefined;
    return readlinkSync(bytes, { encoding: "buffer" }).toString("latin1");
  } catch {
    return undefined;
  }
}
