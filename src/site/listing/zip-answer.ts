// The answer that is a folder as a zip: `?download=zip`, where it is offered. Called by
// folder-answer.ts. It bounds how many are made at once; what is in them is zip.ts's.

import { basename } from "node:path";
import type { BodyPart, Field, Reply } from "../../http/reply.ts";
import type { RequestHead } from "../../http/request.ts";
import { findQueryValue } from "../../http/url.ts";
import { warn } from "../../log/warning.ts";
import type { SafePath } from "../path.ts";
import type { ServedFolder } from "../served-folder.ts";
import { formatDisplayName } from "./entry.ts";
import type { zipParts } from "./zip.ts";

/** Of one thread at once: each may hold some 50 MB, for as long as its reader takes. */
export const ZIPS_MAX = 8;

export function asksForZip(head: RequestHead): boolean {
  const { rawQuery } = head.target;
  return rawQuery !== undefined && findQueryValue(rawQuery, "download") === "zip";
}

export class FolderZips {
  readonly #zipParts: typeof zipParts;
  #runningCount = 0;

  private constructor(makeParts: typeof zipParts) {
    this.#zipParts = makeParts;
  }

  /** The code that makes zips is loaded only where they are offered. */
  static async load(): Promise<FolderZips> {
    const { zipParts: makeParts } = await import("./zip.ts");
    return new FolderZips(makeParts);
  }

  /** "busy" while as many are under way as may be. */
  answer(folder: ServedFolder, path: SafePath): Reply | "busy" {
    if (this.#runningCount >= ZIPS_MAX) return "busy";
    this.#runningCount++;
    const name = nameFolder(folder, path);
    const parts = tellOfCut(this.#zipParts(folder, path), name);
    return {
      status: 200,
      // What is in it, and the hits, change: no copy is worth keeping.
      fields: [
        ["Content-Type", "application/zip"],
        formatAttachment(`${name}.zip`),
        ["Cache-Control", "no-store"],
      ],
      body: {
        kind: "parts",
        parts,
        close: () => {
          this.#runningCount--;
          // It has ended already if its reader began it.
          void parts.return(undefined);
        },
      },
    };
  }
}

/** The client sees that the connection ends early, and the operator reads why. */
async function* tellOfCut(parts: AsyncGenerator<BodyPart>, name: string) {
  try {
    yield* parts;
  } catch (error) {
    warn(`the zip of ${JSON.stringify(name)} was cut short: ${(error as Error).message}`);
    throw error;
  }
}

function nameFolder({ rootDir }: ServedFolder, path: SafePath): string {
  const byteName = path.segments.at(-1);
  if (byteName !== undefined) return formatDisplayName(byteName);
  return basename(rootDir) || "files";
}

// The field that makes a download of an answer and names its file (RFC 6266). Pure. Called by
// site/listing/zip-answer.ts.

/** What may stand for itself in an extended value (RFC 8187 §3.2.1, attr-char). */
const PLAIN = /[A-Za-z0-9!#$&+.^_`|~-]/;

/** The name twice: as ASCII for programs that know no other, and as it is. */
export function formatAttachment(fileName: string): Field {
  const wellFormed = fileName.toWellFormed();
  // A percent sign would be taken for an escape by some, a backslash for a folder by others.
  const ascii = wellFormed.replaceAll(/[^\x20-\x7e]|["\\%/]/gu, "_");
  const encoded = Array.from(Buffer.from(wellFormed), encodeByte).join("");
  return ["Content-Disposition", `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`];
}

function encodeByte(byte: number): string {
  const character = String.fromCharCode(byte);
  if (PLAIN.test(character)) return character;
  return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}
