// One download of `weir get`, from its first request to the file: waits when the server asks for it,
// continues after a broken connection, and never joins pieces of two versions. Used by command.ts.
//
// Each turn of the loop is one answer. The request asks to continue the part that exists (`held`);
// continuation.ts decides what the answer means.

import { EventEmitter, once } from "node:events";
import { statSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { systemClock } from "../base/clock.ts";
import type { Output } from "../base/figure-text.ts";
import { OperationError } from "../base/operation-error.ts";
import { formatTarget } from "../config/urls.ts";
import { quote } from "../config/usage-error.ts";
import { decideStep, type Held, type Step, type Version } from "./continuation.ts";
import { BodyQueue, type DownloadRequest, openDownload, SilenceWatch } from "./download.ts";
import { type FilePlace, findPart, formatFileName, PartFile, partOf, pathOf } from "./part-file.ts";
import {
  DownloadProgress,
  describeDownloadError,
  describeStatus,
  formatByteCount,
  formatPart,
  formatStatus,
} from "./progress.ts";

/** Fewer bytes are no progress: otherwise a server that breaks off after a few would be asked endlessly. */
const PROGRESS_BYTES_MIN = 64 * 1024;
const RETRY_WAIT_MS = 250;
const RETRY_WAIT_MS_MAX = 10_000;

export interface TransferJob {
  readonly request: DownloadRequest;
  readonly folder: string;
  /** Continue what an earlier run left, and save text as well. */
  readonly continues: boolean;
  /** How often to try again without progress; 0 means never. */
  readonly retryCountMax: number;
  /** The longest time to wait for a server that asks for it. */
  readonly waitMsMax: number;
  /** The longest silence: until connected, until the first byte, and between bytes. */
  readonly silenceMs: number;
}

export interface TransferOutputs {
  readonly stdout: Output;
  readonly stderr: Output;
}

/** The destination of the body: a file, or standard output, from which nothing can be taken back. */
type Sink =
  | { readonly kind: "file"; readonly part: PartFile; readonly place: FilePlace }
  | { readonly kind: "print" };

/** Resolves with the exit code. Rejects with an OperationError, or with an AbortError after `stop`. */
export function transfer(
  job: TransferJob,
  outputs: TransferOutputs,
  stop: AbortSignal,
): Promise<number> {
  return new Transfer(job, outputs, stop).run();
}

class Transfer {
  readonly #job: TransferJob;
  readonly #url: string;
  readonly #outputs: TransferOutputs;
  readonly #stop: AbortSignal;
  readonly #progress: DownloadProgress;
  readonly #isShown: boolean;
  #sink: Sink | undefined;
  #held: Held | undefined;
  #version: Version = {};
  /** Bytes printed or written so far. */
  #bytes = 0;
  /** How far any attempt came: only bytes beyond this are progress. */
  #furthestBytes = 0;
  #failureCount = 0;
  #isRedirectTold = false;

  constructor(job: TransferJob, outputs: TransferOutputs, stop: AbortSignal) {
    this.#job = job;
    this.#url = formatTarget(job.request);
    this.#outputs = outputs;
    this.#stop = stop;
    this.#progress = new DownloadProgress(outputs.stderr, systemClock);
    this.#isShown = outputs.stderr.isTTY === true;
  }

  async run(): Promise<number> {
    try {
      this.#held = this.#findHeld();
      for (;;) {
        const outcome = await this.#attempt();
        if (outcome !== "again") return outcome;
      }
    } catch (error) {
      throw await this.#giveUp(error);
    } finally {
      this.#progress.erase();
    }
  }

  /** The part of an earlier run, or a file of that name without a note, of which only the size is known. */
  #findHeld(): Held | undefined {
    if (!this.#job.continues) return undefined;
    const place = this.#placeFor("");
    const part = findPart(place, this.#url);
    if (part !== undefined) return part;
    const bytes = sizeOf(pathOf(place));
    return bytes === undefined || bytes === 0 ? undefined : { bytes, version: {} };
  }

  #placeFor(contentType: string): FilePlace {
    // The name that was asked for, not that of a redirect: a server must not choose which of the user's
    // files is replaced.
    const name = formatFileName(this.#job.request.requestTarget, contentType);
    return { folder: this.#job.folder, name };
  }

  /** One request and its answer. Returns the exit code, or "again" for another request. */
  async #attempt(): Promise<number | "again"> {
    const watch = new SilenceWatch(this.#job.silenceMs, this.#stop);
    try {
      watch.arm();
      const response = await this.#ask(watch);
      watch.disarm();
      const body = new BodyQueue(response);
      const { statusCode: status = 0, headers } = response;
      const step = decideStep(status, headers, this.#held, systemClock.wallMs());
      const isBody = step.kind === "whole" || step.kind === "rest";
      if (isBody) {
        await this.#receive(response, body, step, watch);
        return await this.#finish();
      }
      response.destroy();
      return await this.#afterNoBody(step, status, headers["retry-after"]);
    } catch (error) {
      const why = watch.isSilent ? watch.describe() : describeDownloadError(error);
      await this.#waitToContinue(error, why);
      return "again";
    } finally {
      watch.release();
    }
  }

  async #ask(watch: SilenceWatch): Promise<IncomingMessage> {
    const download = await openDownload(this.#job.request, {
      signal: watch.signal,
      rangeFields: this.#held && formatRange(this.#held),
      onRedirect: (status, url) => {
        if (!this.#isRedirectTold) this.#say(`HTTP ${status}, going on to ${url}`);
      },
    });
    this.#isRedirectTold = true;
    if (download.kind === "redirect-refused") throw this.#cannotGet(download.detail);
    return download.response;
  }

  async #afterNoBody(
    step: Exclude<Step, { kind: "whole" | "rest" }>,
    status: number,
    retryAfter: string | undefined,
  ): Promise<number | "again"> {
    const { retryCountMax, waitMsMax } = this.#job;
    switch (step.kind) {
      case "complete":
        return this.#finishHeld();
      case "ask-for-all":
        this.#say(`${step.why}: starting over`);
        this.#held = undefined;
        return "again";
      case "wait": {
        if (this.#failureCount >= retryCountMax || step.waitMs > waitMsMax) break;
        this.#failureCount++;
        const turn = `${this.#failureCount} of ${retryCountMax}`;
        this.#say(
          `${formatStatus(status)}: waiting ${step.waitMs / 1000} s, as the server asks (${turn})`,
        );
        await wait(step.waitMs, undefined, { signal: this.#stop });
        return "again";
      }
    }
    await this.#keepSink();
    this.#progress.erase();
    this.#outputs.stderr.write(describeStatus(status, retryAfter));
    return 1;
  }

  async #receive(
    response: IncomingMessage,
    body: BodyQueue,
    step: Extract<Step, { kind: "whole" | "rest" }>,
    watch: SilenceWatch,
  ): Promise<void> {
    const coding = response.headers["content-encoding"] ?? "identity";
    if (coding !== "identity") {
      response.destroy();
      const why = `the server encoded it as ${quote(coding)}, which was not asked for`;
      throw this.#cannotGet(why);
    }
    await this.#openSink(step, response.headers["content-type"] ?? "");
    const { totalBytes } = this.#version;
    const isShown = this.#isShown && !this.#isPrintedOnTerminal();
    for (;;) {
      watch.arm();
      const chunk = await body.next();
      watch.disarm();
      if (chunk === undefined) return;
      await this.#write(chunk);
      if (isShown) this.#progress.show(this.#bytes, totalBytes);
    }
  }

  async #openSink(
    step: Extract<Step, { kind: "whole" | "rest" }>,
    contentType: string,
  ): Promise<void> {
    const earlier = this.#sink;
    this.#version = step.version;
    if (step.kind === "rest") {
      this.#bytes = this.#held!.bytes;
      this.#furthestBytes = Math.max(this.#furthestBytes, this.#bytes);
      if (earlier === undefined) {
        const place = this.#placeFor(contentType);
        const part = await PartFile.reopen(place, this.#url, {
          ...this.#held!,
          version: step.version,
        });
        this.#sink = { kind: "file", part, place };
        this.#say(`continuing at ${formatPart(this.#bytes, step.version)}`);
      }
      return;
    }
    if (earlier?.kind === "print" && this.#bytes > 0) {
      throw this.#cannotGet(`${step.why ?? "the connection broke"}, and a part is already printed`);
    }
    if (step.why !== undefined) this.#say(`${step.why}: starting over`);
    if (earlier?.kind === "file") await earlier.part.discard();
    this.#bytes = 0;
    this.#held = undefined;
    if (isText(contentType) && !this.#job.continues) {
      this.#sink = { kind: "print" };
      return;
    }
    const place = this.#placeFor(contentType);
    this.#sink = {
      kind: "file",
      part: await PartFile.create(place, this.#url, step.version),
      place,
    };
  }

  async #write(chunk: Buffer): Promise<void> {
    const sink = this.#sink!;
    if (sink.kind === "file") await sink.part.write(chunk);
    else await print(chunk, this.#outputs.stdout);
    this.#bytes += chunk.length;
  }

  async #finish(): Promise<number> {
    const sink = this.#sink!;
    if (sink.kind === "file") {
      await sink.part.finish();
      this.#say(`saved ${pathOf(sink.place)} (${formatByteCount(sink.part.bytes)})`);
    }
    return 0;
  }

  /** The existing part or file is already complete. */
  async #finishHeld(): Promise<number> {
    const held = this.#held!;
    const sink = this.#sink;
    if (sink !== undefined) return this.#finish();
    const place = this.#placeFor("");
    if (held.version.validator === undefined) {
      this.#say(`${pathOf(place)} is already complete (${formatByteCount(held.bytes)})`);
      return 0;
    }
    const part = await PartFile.reopen(place, this.#url, held);
    this.#sink = { kind: "file", part, place };
    return this.#finish();
  }

  /** Throws when there is nothing to continue, or after too many failures. */
  async #waitToContinue(error: unknown, why: string): Promise<void> {
    const { retryCountMax } = this.#job;
    if (this.#stop.aborted || error instanceof OperationError) throw error;
    const { validator, totalBytes } = this.#version;
    if (this.#sink === undefined || validator === undefined) throw this.#cannotGet(why);
    if (this.#bytes - this.#furthestBytes >= PROGRESS_BYTES_MIN) this.#failureCount = 0;
    if (this.#failureCount >= retryCountMax) throw this.#cannotGet(why);
    const version = { validator, totalBytes };
    this.#held = this.#bytes === 0 ? undefined : { bytes: this.#bytes, version };
    this.#furthestBytes = Math.max(this.#furthestBytes, this.#bytes);
    this.#failureCount++;
    const turn = `${this.#failureCount} of ${retryCountMax}`;
    this.#say(`${why}: continuing at ${formatPart(this.#bytes, this.#version)} (${turn})`);
    const waitMs = Math.min(RETRY_WAIT_MS * 2 ** (this.#failureCount - 1), RETRY_WAIT_MS_MAX);
    await wait(waitMs, undefined, { signal: this.#stop });
  }

  /** The error to end with, completed by what is kept. */
  async #giveUp(error: unknown): Promise<unknown> {
    const kept = await this.#keepSink();
    if (kept === undefined) return error;
    if (this.#stop.aborted) {
      this.#say(`weir: ${kept}`);
      return error;
    }
    return error instanceof OperationError
      ? new OperationError(`${error.message}; ${kept}`)
      : error;
  }

  /** Closes the part, and returns the words about what can be continued, if anything. */
  async #keepSink(): Promise<string | undefined> {
    const sink = this.#sink;
    if (sink?.kind !== "file") return undefined;
    await sink.part.giveUp();
    this.#sink = undefined;
    if (!sink.part.isContinuable || sink.part.bytes === 0) return undefined;
    const part = formatPart(sink.part.bytes, this.#version);
    return `${part} are in ${quote(partOf(sink.place))}, weir get -C continues`;
  }

  #isPrintedOnTerminal(): boolean {
    return this.#sink?.kind === "print" && this.#outputs.stdout.isTTY === true;
  }

  #cannotGet(why: string): OperationError {
    return new OperationError(`cannot get ${quote(this.#url)}: ${why}`);
  }

  #say(line: string): void {
    this.#progress.erase();
    this.#outputs.stderr.write(`${line}\n`);
  }
}

/** RFC 9110 §13.1.5: if the version has changed, the whole file comes instead, with 200. */
function formatRange({ bytes, version }: Held): Record<string, string> {
  const range = { range: `bytes=${bytes}-` };
  return version.validator === undefined ? range : { ...range, "if-range": version.validator };
}

function isText(contentType: string): boolean {
  const type = contentType.split(";", 1)[0]!.trim().toLowerCase();
  return type.startsWith("text/") || type === "application/json";
}

/** Waits for the reader, so that a long text is not held in memory. Rejects when the output fails. */
async function print(chunk: Buffer, stdout: Output): Promise<void> {
  if (stdout.write(chunk) !== false || !(stdout instanceof EventEmitter)) return;
  await once(stdout, "drain");
}

/** Undefined when there is no file of that name. */
function sizeOf(path: string): number | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() ? found.size : undefined;
}
