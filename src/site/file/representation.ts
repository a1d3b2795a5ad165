// Which representation of an open file a request gets: the plain bytes, a compressed sibling, or bytes that
// are compressed on the fly. Each has its own bytes, its own tag and so its own ranges (RFC 9110 §8.8.3.3,
// §14.1.2). The file is handed over: it becomes the source of the representation, or is closed.

import type { RequestHead } from "../../http/request.ts";
import { type ByteSource, SourceChangedError } from "../../http/source.ts";
import type { SafePath } from "../path.ts";
import type { ServedFolder } from "../served-folder.ts";
import { formatEtag } from "./conditions.ts";
import { type ContentTypes, contentTypeOf } from "./content-type.ts";
import {
  acceptedCodings,
  acceptsCoding,
  CODED_FILE_BYTES_MAX,
  CODED_FILE_BYTES_MIN,
  type CodedFiles,
  type ContentCoding,
  ENCODINGS,
  gainsFromCoding,
} from "./encoding.ts";
import type { OpenFile } from "./open-file.ts";
import type { Siblings } from "./siblings.ts";
import type { Dating, FileTags } from "./versions.ts";

export interface Representation {
  readonly source: ByteSource;
  readonly sizeBytes: number;
  readonly etag: string;
  /** The file's time, whichever representation this is. */
  readonly modifiedMs: number;
  /** How well that time serves as a validator. */
  readonly dating: Dating;
  readonly contentType: string;
  /** undefined when the bytes are the file's own. */
  readonly coding: ContentCoding | undefined;
  /** Whether another Accept-Encoding might get another representation. */
  readonly varies: boolean;
}

/** A source of bytes in memory; several answers may share them. */
export class BytesSource implements ByteSource {
  readonly memory: Buffer;

  constructor(bytes: Buffer) {
    this.memory = bytes;
  }

  read(into: Buffer, position: number): number {
    return this.memory.subarray(position).copy(into);
  }

  isUnchanged(): boolean {
    return true;
  }

  close(): void {}
}

export interface RepresentationOptions {
  /** Undefined: files are sent as they are. */
  readonly codedFiles: CodedFiles | undefined;
  readonly contentTypes: ContentTypes;
  readonly siblings: Siblings;
  readonly tags: FileTags;
}

/** What a site's rules say about a file. */
export interface StatedForm {
  readonly contentType: string | undefined;
  /** The coding that its bytes already have. */
  readonly coding: ContentCoding | undefined;
}

const NOTHING_STATED: StatedForm = { contentType: undefined, coding: undefined };

export type RepresentationOutcome =
  | { readonly kind: "representation"; readonly representation: Representation }
  /** The client refuses the plain bytes, and there are no others: 406. */
  | { readonly kind: "unacceptable" };

/**
 * @param path names the file; its type is decided by that and its first bytes
 * @param stated overrides what weir would decide
 * @throws SourceChangedError when the file was written to meanwhile, and has to be opened again
 */
export async function chooseRepresentation(
  options: RepresentationOptions,
  folder: ServedFolder,
  head: RequestHead,
  path: SafePath,
  file: OpenFile,
  stated: StatedForm = NOTHING_STATED,
): Promise<RepresentationOutcome> {
  try {
    let { contentType, coding } = stated;
    if (coding !== undefined) contentType ??= typeBehind(path, coding);
    if (contentType === undefined) {
      const type = await options.contentTypes.typeOf(path, file);
      contentType = type.contentType;
      coding = type.isGzip ? "gzip" : undefined;
    }
    return coding === undefined
      ? await choose(options, folder, head, path, file, contentType)
      : await sendEncoded(options.tags, head, file, contentType, coding);
  } catch (error) {
    file.close();
    throw error;
  }
}

/** The type of encoded bytes once they are decoded: `game.wasm.br` is a game.wasm. */
function typeBehind(path: SafePath, coding: ContentCoding): string {
  const name = path.segments.at(-1) ?? "";
  const ending = ENCODINGS[coding].siblingEnding;
  return contentTypeOf(name.endsWith(ending) ? name.slice(0, -ending.length) : name);
}

/**
 * A file whose bytes already have a coding gets no other, and no sibling is looked for. A client that does
 * not accept the coding gets the same bytes as what they are without it, a file to save.
 */
async function sendEncoded(
  tags: FileTags,
  head: RequestHead,
  file: OpenFile,
  contentType: string,
  coding: ContentCoding,
): Promise<RepresentationOutcome> {
  const { sizeBytes, modifiedMs } = file;
  const version = await tags.tagOf(file);
  const dating = tags.datingOf(file);
  const common = { source: file, sizeBytes, modifiedMs, dating, varies: true };
  const acceptEncoding = head.fields.get("accept-encoding");
  if (acceptsCoding(acceptEncoding, coding)) {
    const etag = formatEtag(version, coding);
    return { kind: "representation", representation: { ...common, etag, contentType, coding } };
  }
  if (acceptedCodings(acceptEncoding).includes("identity")) {
    const { contentType: plainType } = ENCODINGS[coding];
    const etag = formatEtag(version);
    const plain = { ...common, etag, contentType: plainType, coding: undefined };
    return { kind: "representation", representation: plain };
  }
  file.close();
  return { kind: "unacceptable" };
}

async function choose(
  options: RepresentationOptions,
  folder: ServedFolder,
  head: RequestHead,
  path: SafePath,
  file: OpenFile,
  contentType: string,
): Promise<RepresentationOutcome> {
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
  if (!gains && takesIdentity) return { kind: "representation", representation: identity };
  for (const coding of accepted) {
    if (coding === "identity") return { kind: "representation", representation: identity };
    const coded =
      (await openSibling(options, folder, path, file, coding)) ??
      (await encode(options.codedFiles, path, { file, version }, coding, takesIdentity));
    if (coded === undefined) continue;
    if (coded.sizeBytes >= file.sizeBytes && takesIdentity) {
      coded.source.close();
      continue;
    }
    file.close();
    // It varies even where the type does not gain: a client that accepts the plain bytes gets those.
    const representation = { ...identity, ...coded, coding, varies: true };
    return { kind: "representation", representation };
  }
  file.close();
  return { kind: "unacceptable" };
}

type Coded = Pick<Representation, "source" | "sizeBytes" | "etag">;

async function openSibling(
  { siblings, tags }: RepresentationOptions,
  folder: ServedFolder,
  path: SafePath,
  file: OpenFile,
  coding: ContentCoding,
): Promise<Coded | undefined> {
  const source = await siblings.open(folder, path, file, coding);
  if (source === undefined) return undefined;
  let etag: string;
  try {
    etag = formatEtag(await tags.tagOf(source), coding);
  } catch (error) {
    source.close();
    throw error;
  }
  return { source, sizeBytes: source.sizeBytes, etag };
}

/** @param isOptional whether the client accepts the plain bytes, too */
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
