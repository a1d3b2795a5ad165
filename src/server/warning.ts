// What the person who runs the server should know: a line each on stderr.

export function warn(line: string): void {
  process.stderr.write(`weir: ${line}\n`);
}
