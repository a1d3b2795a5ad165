// JSON as people write it. The standard parser keeps the last of two members with the same name and says
// nothing; here they are found. Pure.

/** The name that appears twice in one object of a JSON text; undefined if there is none. */
export function findRepeatedName(json: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  // Strings, with the colon that makes one a name, and what opens and ends objects and arrays.
  for (const [token, name] of json.matchAll(/("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "[") open.push(undefined);
    else if (token === "}" || token === "]") open.pop();
    else if (name !== undefined) {
      const known = open.at(-1);
      const text = JSON.parse(name) as string;
      if (known?.has(text)) return text;
      known?.add(text);
    }
  }
  return undefined;
}
