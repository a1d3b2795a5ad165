// Chooses which representation of an open file a request gets: the bytes as they are, a compressed
// sibling, or bytes compressed on the fly. Takes the file over: it is the source of what is returned,
// or closed.

import { SourceChangedError } from "../http/reply.ts";
import type { RequestHead } from "../http/request.ts";
import { CODED_FILE_BYTES_MAX, CODED_FILE_BYTES_MIN, type CodedFiles } from "./coded-files.ts";
import {
  acceptedCodings,
  type ContentCoding,
  gainsFromCoding,
  SIBLING_ENDINGS,
} from "./content-encoding.ts";
import { formatEtag } from "./etag.ts";
import type { FileTags } from "./file-tags.ts";
import { contentTypeOf } from "./mime-type.ts";
import type { OpenFile } from "./open-file.ts";
import { openServedFile } from "./open-served.ts";
import { BytesSource, type Representation } from "./representation.ts";
import { type SafePath, siblingPath } from "./resolve-path.ts";
import type { ServedFolder } from "./served-folder.ts";

export interface RepresentationOptions {
  readonly folder: ServedFolder;
  /** undefined: files are sent as they are. */
  readonly codedFiles: CodedFiles | undefined;
  readonly tags: FileTags;
}

export type RepresentationOutcome =
  | { readonly kind: "representation"; readonly representation: Representation }
  /** The client refuses the bytes as they are, and there are no others: 406. */
  | { readonly kind: "unacceptable" };

/**
 * @param path names the file and decides its type
 * @throws SourceChangedError when the file is just written to, and has to be opened again
 */
export async function chooseRepresentation(
  options: RepresentationOptions,
  head: RequestHead,
  path: SafePath,
  file: OpenFile,
): Promise<RepresentationOutcome> {
  try {
    return await choose(options, head, path, file);
  } catch (error) {
    file.close();
    throw error;
  }
}

async function choose(
  options: RepresentationOptions,
  head: RequestHead,
  path: SafePath,
  file: OpenFile,
): Promise<RepresentationOutcome> {
  const contentType = contentTypeOf(path.segments.at(-1) ?? "");
  const gains = options.codedFiles !== undefined && gainsFromCoding(contentType);
  const accepted = acceptedCodings(head.fields.get("accept-encoding"));
  const version = await options.tags.tagOf(file);
  const identity = {
    source: file,
    sizeBytes: file.sizeBytes,
    etag: formatEtag(version),
    modifiedMs: file.modifiedMs,
    dating: options.tags.datingOf(file),
    contentType,
    coding: undefined,
    varies: gains,
  };
  const takesIdentity = accepted.includes("identity");
  if (!gains && takesIdentity) return found(identity);
  for (const coding of accepted) {
    if (coding === "identity") return found(identity);
    const coded =
      (await openSibling(options, path, file, coding)) ??
      (await encode(options.codedFiles, path, { file, version }, coding, takesIdentity));
    if (coded === undefined) continue;
    if (coded.sizeBytes >= file.sizeBytes && takesIdentity) {
      coded.source.close();
      continue;
    }
    file.close();
    // Also where the type does not gain: a client that takes the bytes as they are gets those.
    return found({ ...identity, ...coded, coding, varies: true });
  }
  file.close();
  return { kind: "unacceptable" };
}

type Coded = Pick<Representation, "source" | "sizeBytes" | "etag">;

function found(representation: Representation): RepresentationOutcome {
  return { kind: "representation", representation };
}

/** `page.html.br` beside `page.html`, unless it is older and so of another version, or not begun. */
async function openSibling(
  options: RepresentationOptions,
  path: SafePath,
  file: OpenFile,
  coding: ContentCoding,
): Promise<Coded | undefined> {
  const sibling = siblingPath(path, SIBLING_ENDINGS[coding]);
  const opened = openServedFile(options.folder, sibling, () => true);
  if (opened.kind !== "file") return undefined;
  const { file: source } = opened;
  if (source.modifiedMs < file.modifiedMs || source.sizeBytes === 0) {
    source.close();
    return undefined;
  }
  let etag: string;
  try {
    etag = formatEtag(await options.tags.tagOf(source), coding);
  } catch (error) {
    source.close();
    throw error;
  }
  return { source, sizeBytes: source.sizeBytes, etag };
}

/** @param isOptional whether the client takes the bytes as they are, too */
async function encode(
  codedFiles: CodedFiles | undefined,
  path: SafePath,
  { file, version }: { readonly file: OpenFile; readonly version: string },
  coding: ContentCoding,
  isOptional: boolean,
): Promise<Coded | undefined> {
  const bytesMin = isOptional ? CODED_FILE_BYTES_MIN : 0;
  if (codedFiles === undefined) return undefined;
  if (file.sizeBytes < bytesMin || file.sizeBytes > CODED_FILE_BYTES_MAX) return undefined;
  // A file may be replaced by another of the same size and time, and so of the same tag.
  const key = `${path.path} ${version} ${file.versionKey}`;
  const bytes = await codedFiles.get(file, key, coding, !isOptional);
  if (bytes === undefined) {
    if (!isOptional) throw new SourceChangedError();
    return undefined;
  }
  return {
    source: new BytesSource(bytes),
    sizeBytes: bytes.length,
    etag: formatEtag(version, coding),
  };
}
