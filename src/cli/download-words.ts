// The words of a download for a person: sizes, statuses, and why it failed. Pure. Used by transfer.ts
// and get-command.ts.

import { STATUS_CODES } from "node:http";
import {
  describeNetworkError,
  isUnknownAuthority,
  type SystemError,
} from "../base/system-error.ts";
import { quote } from "../config/usage-error.ts";
import { formatBytes } from "../report/figure-text.ts";
import type { Version } from "./continuation.ts";

/** `8 bytes`. */
export function formatByteCount(bytes: number): string {
  return `${bytes} ${bytes === 1 ? "byte" : "bytes"}`;
}

/** `3.0 MiB of 60.0 MiB`, or `3.0 MiB` where the whole is not known. */
export function formatPart(bytes: number, { totalBytes }: Version): string {
  const part = formatBytes(bytes);
  return totalBytes === undefined ? part : `${part} of ${formatBytes(totalBytes)}`;
}

/** `HTTP 404 Not Found`. */
export function formatStatus(status: number): string {
  return `HTTP ${status} ${STATUS_CODES[status] ?? ""}`.trimEnd();
}

/** A line, and another where the server says when to come back. */
export function describeStatus(status: number, retryAfter: string | undefined): string {
  const line = formatStatus(status);
  if ((status !== 429 && status !== 503) || retryAfter === undefined) return `${line}\n`;
  const isSeconds = /^\d+$/.test(retryAfter);
  const hint = isSeconds ? `in ${retryAfter} s` : `at ${quote(retryAfter).slice(1, -1)}`;
  return `${line}\nThe server asks to try again ${hint}.\n`;
}

/** Why there is no answer, or not all of it. */
export function describeDownloadError(error: unknown): string {
  const { code, message, syscall } = error as SystemError;
  if (code === "ECONNRESET" && message === "socket hang up") {
    return "the connection was closed before the answer began";
  }
  // Node's own of this code, without a system call: the end came too early.
  if ((code === "ECONNRESET" && syscall === undefined) || code === "ERR_STREAM_PREMATURE_CLOSE") {
    return "the connection was closed before the answer was complete";
  }
  const words = describeNetworkError(error);
  if (!isUnknownAuthority(error)) return words;
  return `${words}; NODE_EXTRA_CA_CERTS=FILE in the environment names authorities to believe`;
}
