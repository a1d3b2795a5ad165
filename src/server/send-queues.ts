// What the kernel holds of what was sent and the other side has not taken, for each connection of the
// machine. Linux tells it in two tables, and Node in no other way. Read only for readers that have
// become slow, and at most a few times a second. One for each server thread.

import { readFileSync } from "node:fs";

/** One line a connection: local address and port, remote ones, state, bytes to send (proc(5)). */
const TABLES = ["/proc/self/net/tcp", "/proc/self/net/tcp6"];
const LINE = /^ *\d+: [\dA-F]+:([\dA-F]{4}) [\dA-F]+:([\dA-F]{4}) [\dA-F]{2} ([\dA-F]{8}):/gm;
/** As often as deadlines are looked at: all slow readers share one reading. */
const FRESH_MS = 250;

export class SendQueues {
  private readonly readTables: () => string;
  private readonly monotonicMs: () => number;
  private queues: ReadonlyMap<string, number> | undefined;
  private readMs = Number.NEGATIVE_INFINITY;

  constructor(monotonicMs: () => number, readTables: () => string = readSystemTables) {
    this.monotonicMs = monotonicMs;
    this.readTables = readTables;
  }

  /**
   * Bytes on their way from one port to another; undefined where the system does not tell. Two remote
   * machines that use the same port count together: a reader is then taken for livelier than it is.
   */
  unreadBytes(localPort: number, remotePort: number): number | undefined {
    const nowMs = this.monotonicMs();
    if (this.queues === undefined || nowMs - this.readMs >= FRESH_MS) {
      this.queues = parseTables(this.readTables());
      this.readMs = nowMs;
    }
    return this.queues.get(`${localPort} ${remotePort}`);
  }
}

function readSystemTables(): string {
  return TABLES.map((path) => {
    try {
      return readFileSync(path, "latin1");
    } catch {
      return "";
    }
  }).join("");
}

function parseTables(text: string): Map<string, number> {
  const queues = new Map<string, number>();
  for (const [, local = "", remote = "", bytes = ""] of text.matchAll(LINE)) {
    const key = `${Number.parseInt(local, 16)} ${Number.parseInt(remote, 16)}`;
    queues.set(key, (queues.get(key) ?? 0) + Number.parseInt(bytes, 16));
  }
  return queues;
}
