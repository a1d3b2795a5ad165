// How a name on disk is called in a zip. Pure. Called by folder-zip.ts. A zip goes to other systems,
// where some characters of a name are more than that: a backslash parts folders, so that "..\\x" would
// be unpacked outside of where it should.

/** Characters that are encoded as in a URL (`%5C`): backslashes, and invisible control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNSAFE = /[\\\x00-\x1f\x7f]/g;

/**
 * A name for each of a folder's entries, all different; nearly always their own.
 * @param byteNames one character a byte
 */
export function nameForZip(byteNames: readonly string[]): (byteName: string) => string {
  let taken: Set<string> | undefined;
  return (byteName) => {
    const safeName = byteName.replace(UNSAFE, encodeCharacter);
    if (safeName === byteName) return byteName;
    taken ??= new Set(byteNames);
    let name = safeName;
    while (taken.has(name)) name = `_${name}`;
    taken.add(name);
    return name;
  };
}

function encodeCharacter(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}
