// The part of the log that waits to be written, on the main thread; only output.ts uses it. It is bounded:
// lines that find no room are dropped and counted, and a remark takes their place. A mark in it says where
// the log goes on in a new file. It writes nothing itself.

export interface LogQueueOptions {
  /** Makes the line, with its line break, that takes the place of missing lines. */
  readonly formatRemark: (droppedLines: number) => string;
  readonly waitingBytesMax: number;
}

type QueueItem =
  | { readonly kind: "lines"; readonly text: string; readonly isRemark: boolean }
  | { readonly kind: "mark"; readonly done: () => void };

/** The text at the front that has not been written yet. */
interface Front {
  bytes: Buffer;
  readonly isRemark: boolean;
  isInsideLine: boolean;
}

const LINE_FEED = 0x0a;

export class LogQueue {
  readonly #options: LogQueueOptions;
  #items: QueueItem[] = [];
  #front: Front | undefined;
  #waitingBytes = 0;
  #droppedCount = 0;
  /** The dropped lines that no remark has mentioned yet. */
  #untoldCount = 0;

  constructor(options: LogQueueOptions) {
    this.#options = options;
  }

  /** Only grows. */
  get droppedLines(): number {
    return this.#droppedCount;
  }

  /** @param droppedLines how many are already missing after `lines` */
  add(lines: string, droppedLines: number): void {
    if (this.#waitingBytes + lines.length > this.#options.waitingBytesMax) {
      this.drop(countLines(lines) + droppedLines);
      return;
    }
    this.addRemark();
    this.#addText(lines, false);
    this.drop(droppedLines);
    this.addRemark();
  }

  /** Adds a remark about the dropped lines that none has mentioned yet. */
  addRemark(): void {
    if (this.#untoldCount === 0) return;
    this.#addText(this.#options.formatRemark(this.#untoldCount), true);
    this.#untoldCount = 0;
  }

  addMark(done: () => void): void {
    this.#items.push({ kind: "mark", done });
  }

  /**
   * Takes the mark at the front, when everything before it has been written.
   * @param isInTurn false takes the first mark wherever it is
   * @returns the function to call when the new file is open
   */
  takeMark(isInTurn: boolean): (() => void) | undefined {
    if (isInTurn && this.#front !== undefined) return undefined;
    const index = this.#items.findIndex(({ kind }) => kind === "mark");
    if (index < 0 || (isInTurn && index > 0)) return undefined;
    const [item] = this.#items.splice(index, 1);
    return item?.kind === "mark" ? item.done : undefined;
  }

  /** The bytes to write next; undefined when nothing waits or a mark comes first. */
  next(): Buffer | undefined {
    if (this.#front === undefined && this.#items[0]?.kind === "lines") {
      const { text, isRemark } = this.#items[0];
      this.#items.shift();
      this.#front = { bytes: Buffer.from(text, "latin1"), isRemark, isInsideLine: false };
    }
    return this.#front?.bytes;
  }

  /** The first `writtenBytes` of what `next` gave have been written. */
  advance(writtenBytes: number): void {
    const front = this.#front;
    if (front === undefined || writtenBytes === 0) return;
    front.isInsideLine = front.bytes[writtenBytes - 1] !== LINE_FEED;
    front.bytes = front.bytes.subarray(writtenBytes);
    this.#waitingBytes -= writtenBytes;
    if (front.bytes.length === 0) this.#front = undefined;
  }

  /** Drops the rest of a line whose beginning is in a file that is no longer written. */
  dropRestOfLine(): void {
    const front = this.#front;
    if (front?.isInsideLine !== true) return;
    if (!front.isRemark) this.drop(1);
    this.advance(front.bytes.indexOf(LINE_FEED) + 1);
  }

  /** Returns the number of lines. */
  dropAll(): number {
    let lineCount = 0;
    if (this.#front?.isRemark === false)
      lineCount += countLines(this.#front.bytes.toString("latin1"));
    for (const item of this.#items) {
      if (item.kind === "mark") item.done();
      else if (!item.isRemark) lineCount += countLines(item.text);
    }
    this.#items = [];
    this.#front = undefined;
    this.#waitingBytes = 0;
    this.drop(lineCount);
    return lineCount;
  }

  drop(lineCount: number): void {
    this.#droppedCount += lineCount;
    this.#untoldCount += lineCount;
  }

  #addText(text: string, isRemark: boolean): void {
    if (text === "") return;
    this.#items.push({ kind: "lines", text, isRemark });
    this.#waitingBytes += text.length;
  }
}

export function countLines(lines: string): number {
  let count = 0;
  for (let at = lines.indexOf("\n"); at >= 0; at = lines.indexOf("\n", at + 1)) count++;
  return count;
}
