// Addresses relative to the one that was asked for (RFC 3986 §4.2, §5.2). A server behind a proxy need
// not know under which prefix clients find it: what is relative stays below that. Pure. Called for
// redirects (RFC 9110 §10.2.2 lets a Location be relative) and for the links of error pages.

/** "." and "..", also encoded: clients that follow the URL standard take those for the same. */
const DOT = /^(?:\.|%2e)$/i;
const TWO_DOTS = /^(?:\.|%2e){2}$/i;

/** The folders that a client sees in a path, from the root on: it resolves dots, and keeps empty names. */
function foldersOf(rawPath: string): string[] {
  const folders: string[] = [];
  const segments = rawPath.split("/").slice(1);
  segments.forEach((segment, index) => {
    if (TWO_DOTS.test(segment)) folders.pop();
    else if (index < segments.length - 1 && !DOT.test(segment)) folders.push(segment);
  });
  return folders;
}

/**
 * From the address that was asked for to another one of the same server.
 * @param rawPath as it was sent
 * @param urlPath from the root, with its query and fragment
 */
export function formatRelativeReference(rawPath: string, urlPath: string): string {
  const folders = foldersOf(rawPath);
  const pathEnd = urlPath.search(/[?#]|$/);
  const names = urlPath.slice(1, pathEnd).split("/");
  let sameCount = 0;
  while (
    sameCount < folders.length &&
    sameCount < names.length - 1 &&
    folders[sameCount] === names[sameCount]
  ) {
    sameCount++;
  }
  const up = "../".repeat(folders.length - sameCount);
  const path = up + names.slice(sameCount).join("/");
  // Nothing would be the address itself, a slash the root, and a colon would end a scheme.
  const isMistakable = /^(?:\/|$|[^/]*:)/.test(path);
  return (isMistakable ? "./" : "") + path + urlPath.slice(pathEnd);
}
