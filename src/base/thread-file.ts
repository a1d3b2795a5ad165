// Where the file of a thread lies: a source beside the one that starts it in a checkout, and a bundle
// beside all others in the published form (build.ts).

/**
 * @param name of the file, without its extension; it ends in `-thread`
 * @param starterUrl `import.meta.url` of the file that starts the thread
 */
export function threadFile(name: `${string}-thread`, starterUrl: string): URL {
  const extension = starterUrl.endsWith(".ts") ? "ts" : "js";
  return new URL(`./${name}.${extension}`, starterUrl);
}
