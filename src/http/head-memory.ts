// What one thread has read lately. A client sends the same fields with every request of a connection,
// and many clients ask for the same targets. So a line or a block of fields that was read before, byte
// for byte, is not parsed again. The memory is bounded, and holds only what was valid.

import { RecentMap } from "../base/recent-map.ts";
import type { FieldBlock } from "./field-lines.ts";
import type { RequestLine } from "./request-line.ts";

/** In each generation. Together with the length below, at most 2 MiB for each thread. */
const ENTRIES_MAX = 1024;
/** A longer one holds something that does not come again, or has cost its sender enough. */
export const KEPT_LENGTH_MAX = 1024;

export class HeadMemory {
  private readonly lines = new RecentMap<string, RequestLine>(ENTRIES_MAX);
  private readonly blocks = new RecentMap<string, FieldBlock>(ENTRIES_MAX);

  lineOf(text: string): RequestLine | undefined {
    return this.lines.get(text);
  }

  blockOf(text: string): FieldBlock | undefined {
    return this.blocks.get(text);
  }

  keepLine(text: string, line: RequestLine): void {
    if (text.length <= KEPT_LENGTH_MAX) this.lines.set(text, line);
  }

  keepBlock(text: string, block: FieldBlock): void {
    if (text.length <= KEPT_LENGTH_MAX) this.blocks.set(text, block);
  }
}
