// What the person who runs the server should know: a line each on stderr.

/** A warning that is said at its first call only. */
export function warnOnce(line: string): () => void {
  let isSaid = false;
  return () => {
    if (!isSaid) warn(line);
    isSaid = true;
  };
}

export function warn(line: string): void {
  process.stderr.write(`weir: ${line}\n`);
}
