// Which content coding an answer gets (RFC 9110 §8.4.1, §12.5.3), and which types gain from one. Pure.

export type ContentCoding = "br" | "zstd" | "gzip";

/** In the order in which weir prefers them where the client does not mind: smallest first. */
export const CODINGS: readonly ContentCoding[] = ["br", "zstd", "gzip"];

/** The endings of compressed siblings: `page.html.br`. */
export const SIBLING_ENDINGS: Readonly<Record<ContentCoding, string>> = {
  br: ".br",
  zstd: ".zst",
  gzip: ".gz",
};

/** Browsers send 23 characters; all registered codings with a weight each take some 200. */
export const ACCEPT_ENCODING_CHARS_MAX = 1024;
/** A list of codings, each with its weight from 0 to 1 (§12.4.2, §12.5.3). */
const ACCEPT_ENCODING =
  /^[ \t,]*(?:[!#$%&'*+\-.^_`|~\w]+(?:[ \t]*;[ \t]*q=(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?[ \t]*(?:,[ \t,]*|$))*$/i;
const IDENTITY_ONLY = ["identity"] as const;
/** In the order of equals: a coding before none. */
const CANDIDATES = [...CODINGS, "identity"] as const;

/**
 * The codings that the client accepts, best first, `identity` among them where it is accepted. A
 * request without the field gets the bytes as they are: §12.5.3 allows any, and old clients break. A
 * field that is malformed, or longer than any that is meant, says nothing: it must not refuse what its
 * sender did not mean to refuse.
 */
export function acceptedCodings(
  acceptEncoding: string | undefined,
): readonly (ContentCoding | "identity")[] {
  if (acceptEncoding === undefined || acceptEncoding.length > ACCEPT_ENCODING_CHARS_MAX) {
    return IDENTITY_ONLY;
  }
  if (!ACCEPT_ENCODING.test(acceptEncoding)) return IDENTITY_ONLY;
  const weights = readWeights(acceptEncoding);
  // §12.5.3: who says nothing of the bytes as they are takes them, and likes all that it names better.
  const least = Math.min(1, ...[...weights.values()].filter((weight) => weight > 0));
  const weightOf = (name: string) =>
    weights.get(name) ?? weights.get("*") ?? (name === "identity" ? least : 0);
  return CANDIDATES.filter((name) => weightOf(name) > 0).sort(
    (one, other) => weightOf(other) - weightOf(one),
  );
}

/** By coding, in lower case; of one that is named twice the greater. */
function readWeights(field: string): Map<string, number> {
  const weights = new Map<string, number>();
  for (const element of field.toLowerCase().split(",")) {
    const [name = "", weight] = element.split(/[ \t]*;[ \t]*q=/);
    const coding = name.trim();
    if (coding === "") continue;
    weights.set(coding, Math.max(weights.get(coding) ?? 0, Number(weight ?? 1)));
  }
  return weights;
}

/**
 * Whether a client takes a coding that bytes have already. One that says nothing takes any (§12.5.3);
 * it is for files that their author stored so, and that have no other form.
 */
export function acceptsCoding(acceptEncoding: string | undefined, coding: ContentCoding): boolean {
  if (acceptEncoding === undefined || !ACCEPT_ENCODING.test(acceptEncoding)) return true;
  return acceptedCodings(acceptEncoding).includes(coding);
}

const GAINING_TYPES: ReadonlySet<string> = new Set([
  "application/javascript",
  "application/json",
  "application/manifest+json",
  "application/rtf",
  "application/wasm",
  "application/x-sh",
  "application/xml",
  "application/yaml",
  "font/otf",
  "font/ttf",
  "image/bmp",
  "image/svg+xml",
  "image/vnd.microsoft.icon",
]);

/** Whether files of that type become clearly smaller; pictures, films and archives already are. */
export function gainsFromCoding(contentType: string): boolean {
  const type = contentType.split(";", 1)[0] as string;
  return type.startsWith("text/") || /\+(?:json|xml|text)$/.test(type) || GAINING_TYPES.has(type);
}
