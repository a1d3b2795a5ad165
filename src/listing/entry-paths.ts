// Where the entries of an open folder are looked up. Called by read-directory.ts. The sure way is the
// open folder itself, which on Linux has a name below /proc; but the kernel takes twice as long for an
// entry that way. So they are looked up below the folder's real path, and after every few it is made
// sure that this still is the folder: whatever was put in its place meanwhile is not listed.

import { realpathSync, type Stats, statSync } from "node:fs";

const ASCII = /^[\x20-\x7e]*$/;

/** Puts a name behind the path of its folder: as text where that is the same, which is faster. */
export type JoinName = (byteName: string) => string | Buffer;

export class EntryPaths {
  /** Leads to an entry of the very folder. */
  readonly surePath: JoinName;
  private readonly readPath: Buffer;
  private readonly realPath: Buffer | undefined;
  private readonly known: Pick<Stats, "dev" | "ino">;

  /**
   * @param readPath leads to the open folder as long as it is open
   * @throws what the system says about a folder that is not there
   */
  constructor(readPath: Buffer) {
    this.known = statSync(readPath);
    this.readPath = readPath;
    this.surePath = joinName(readPath);
    this.realPath = readRealPath(readPath);
  }

  /** The same, faster, as long as `isAtRealPath`; undefined when there is no such way. */
  get fastPath(): JoinName | undefined {
    const { realPath } = this;
    return realPath?.equals(this.readPath) === false ? joinName(realPath) : undefined;
  }

  /** Whether the folder still lies where it did when its reading began. */
  isAtRealPath(): boolean {
    if (this.realPath === undefined) return false;
    const there = statSync(this.realPath, { throwIfNoEntry: false });
    return there?.dev === this.known.dev && there.ino === this.known.ino;
  }
}

function readRealPath(path: Buffer): Buffer | undefined {
  try {
    return realpathSync.native(path, { encoding: "buffer" });
  } catch {
    // Moved to where we may not look, or removed: the open folder is all there is.
    return undefined;
  }
}

function joinName(dirPath: Buffer): JoinName {
  const prefix = Buffer.concat([dirPath, Buffer.from("/")]);
  const prefixText = prefix.toString("latin1");
  const isText = ASCII.test(prefixText);
  return (byteName) =>
    isText && ASCII.test(byteName)
      ? prefixText + byteName
      : Buffer.concat([prefix, Buffer.from(byteName, "latin1")]);
}
