// The types of open files, with the bounded look at their first bytes that some names need. What was
// seen is kept for each version of a file. One for each server thread; called by
// choose-representation.ts, which has the file open.

import { RecentMap } from "../base/recent-map.ts";
import { readFully } from "../http/read-fully.ts";
import { type ContentLook, LOOK_BYTES_MAX, lookAtBytes } from "./content-look.ts";
import { decideContentType, typeByName } from "./mime-type.ts";
import type { OpenFile } from "./open-file.ts";
import type { SafePath } from "./resolve-path.ts";

/** In each of two generations: two megabytes of paths and versions. */
const LOOKS_REMEMBERED_MAX = 4096;

export interface FileType {
  readonly contentType: string;
  /** Whether the bytes are a gzip of that type, as those of `.svgz` are. */
  readonly isGzip: boolean;
}

interface RememberedLook {
  readonly version: string;
  readonly look: ContentLook;
}

const COMPRESSED_PICTURE = /.\.svgz$/i;

export class ContentTypes {
  private readonly remembered = new RecentMap<string, RememberedLook>(LOOKS_REMEMBERED_MAX);

  /** @throws what reading the file throws */
  async typeOf(path: SafePath, file: OpenFile): Promise<FileType> {
    const name = path.segments.at(-1) ?? "";
    const named = typeByName(name);
    const isCompressedPicture = COMPRESSED_PICTURE.test(name);
    if (named.certainty === "sure" && !isCompressedPicture) {
      return { contentType: named.type, isGzip: false };
    }
    const look = await this.lookAt(path, file);
    return {
      contentType: decideContentType(named, look),
      isGzip: isCompressedPicture && look === "gzip",
    };
  }

  private async lookAt(path: SafePath, file: OpenFile): Promise<ContentLook> {
    const version = `${file.versionKey} ${file.modifiedMs} ${file.sizeBytes}`;
    const known = this.remembered.get(path.path);
    if (known?.version === version) return known.look;
    const bytes = await readBeginning(file);
    const look = lookAtBytes(bytes, bytes.length === file.sizeBytes);
    this.remembered.set(path.path, { version, look });
    return look;
  }
}

/** Shorter when the file was cut short meanwhile, which the code that sends it notices. */
async function readBeginning(file: OpenFile): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(Math.min(LOOK_BYTES_MAX, file.sizeBytes));
  return bytes.subarray(0, await readFully(file, bytes, 0));
}
