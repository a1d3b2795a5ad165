// Which addresses a README may lead to, and how. Pure. Called by markdown-page.ts. They are read by the
// rules that browsers read them by (the URL standard), not by how they look.

export type ReadmeLink =
  /** On this server: a relative address, or a fragment of the page. */
  | { readonly kind: "own" }
  /** Another site, or a mail address. */
  | { readonly kind: "foreign"; readonly isPage: boolean }
  /** A scheme that nobody needs from a text of strangers: javascript, data, file and the like. */
  | { readonly kind: "refused" };

/** Stand for the server, whatever its name and scheme are: no name of the web ends so (RFC 2606 §2). */
const OWN_BASES = ["http://weir.invalid/folder/", "https://weir.invalid/folder/"];

export function decideReadmeLink(address: string): ReadmeLink {
  const url = URL.parse(address);
  // With a scheme it is never ours: "http:page" is relative on a page of http, and on no other.
  if (url === null) return isOwn(address) ? { kind: "own" } : decideForeign(address);
  return decideByScheme(url);
}

function isOwn(address: string): boolean {
  return OWN_BASES.every((base) => URL.parse(address, base)?.origin === new URL(base).origin);
}

/** Without a scheme, and yet elsewhere: `//other.example/`. */
function decideForeign(address: string): ReadmeLink {
  const url = URL.parse(address, OWN_BASES[0]);
  return url === null ? { kind: "refused" } : decideByScheme(url);
}

function decideByScheme({ protocol }: URL): ReadmeLink {
  if (protocol === "mailto:") return { kind: "foreign", isPage: false };
  if (protocol === "http:" || protocol === "https:") return { kind: "foreign", isPage: true };
  return { kind: "refused" };
}
