// The entries of a folder in little room: their names one behind the other as bytes, the other facts in
// arrays of numbers. As objects a hundred thousand of them take three times as much, and the collector
// of garbage has to look at each. Called by the server for what remembered-folders.ts holds.

import type { DirectoryEntry, EntryList } from "./listing-entry.ts";
import { PAUSE, type SlicedWork } from "./time-slice.ts";

/** A tenth of a slice or so. */
const PACKED_TOGETHER = 1024;

export class PackedEntries implements EntryList {
  readonly length: number;
  private readonly names: Buffer;
  /** Of each name in `names`; the next one begins where it ends. */
  private readonly nameEnds: Uint32Array;
  /** -1 for a directory. */
  private readonly sizes: Float64Array;
  private readonly times: Float64Array;

  private constructor(length: number, nameBytes: number) {
    this.length = length;
    this.names = Buffer.allocUnsafeSlow(nameBytes);
    this.nameEnds = new Uint32Array(length);
    this.sizes = new Float64Array(length);
    this.times = new Float64Array(length);
  }

  static *pack(entries: readonly DirectoryEntry[]): SlicedWork<PackedEntries> {
    let nameBytes = 0;
    for (const { byteName } of entries) nameBytes += byteName.length;
    const packed = new PackedEntries(entries.length, nameBytes);
    let end = 0;
    for (const [place, { byteName, sizeBytes, modifiedMs }] of entries.entries()) {
      end += packed.names.write(byteName, end, "latin1");
      packed.nameEnds[place] = end;
      packed.sizes[place] = sizeBytes ?? -1;
      packed.times[place] = modifiedMs;
      if ((place + 1) % PACKED_TOGETHER === 0) yield PAUSE;
    }
    return packed;
  }

  at(place: number): DirectoryEntry {
    const nameStart = place === 0 ? 0 : this.nameEnds[place - 1];
    const byteName = this.names.toString("latin1", nameStart, this.nameEnds[place]);
    const modifiedMs = this.times[place]!;
    const sizeBytes = this.sizes[place]!;
    return sizeBytes < 0
      ? { byteName, kind: "directory", sizeBytes: undefined, modifiedMs }
      : { byteName, kind: "file", sizeBytes, modifiedMs };
  }
}

/** Fewer cost little either way, and are told faster as they are. */
const PACKED_MIN = 512;
const OBJECT_BYTES = 128;
const PACKED_BYTES = 20;

/** The entries in the form in which they are kept. */
export function* keepEntries(entries: readonly DirectoryEntry[]): SlicedWork<EntryList> {
  return entries.length < PACKED_MIN ? entries : yield* PackedEntries.pack(entries);
}

/** Bytes that each takes beside its name, about. */
export function bytesPerEntry(entries: EntryList): number {
  return entries instanceof PackedEntries ? PACKED_BYTES : OBJECT_BYTES;
}
