// Reads a small body before its head leaves: it then goes out in one write with its head, and when the
// file was written to meanwhile the answer can still be made anew. Larger bodies are read while they
// are sent (http/response-writer.ts), and cut short when their file changes.

import { readFully } from "../http/read-fully.ts";
import type { ByteSource, Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request.ts";

/** One piece of http-limits.ts: most pages, scripts and small pictures. */
export const SMALL_BODY_BYTES_MAX = 64 * 1024;

/**
 * The reply with its body as bytes, if it is small; "changed" when what was read is of no one version,
 * or when a large file is another than the reply speaks of already.
 */
export async function loadSmallBody(
  head: RequestHead,
  reply: Reply,
  bytesMax = SMALL_BODY_BYTES_MAX,
): Promise<Reply | "changed"> {
  const { body } = reply;
  // The answer to HEAD has the fields of the body, and no body to read.
  if (body.kind !== "source" || head.method === "HEAD") return reply;
  if (body.lengthBytes > bytesMax) return await keepUnchanged(reply, body.source);
  const bytes = Buffer.allocUnsafe(body.lengthBytes);
  try {
    const reading = readFully(body.source, bytes, body.offsetBytes);
    const readBytes = typeof reading === "number" ? reading : await reading;
    if (readBytes < bytes.length) return "changed";
    const isUnchanged = body.source.isUnchanged();
    if (!(typeof isUnchanged === "boolean" ? isUnchanged : await isUnchanged)) return "changed";
  } finally {
    body.source.close();
  }
  return { ...reply, body: { kind: "bytes", bytes } };
}

/** Before the head leaves an answer can be made anew; after that it can only be cut short. */
async function keepUnchanged(reply: Reply, source: ByteSource): Promise<Reply | "changed"> {
  let isKept = false;
  try {
    isKept = await source.isUnchanged();
    return isKept ? reply : "changed";
  } finally {
    if (!isKept) source.close();
  }
}
