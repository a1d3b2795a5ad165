// Where a value comes from, for errors that appear long after the value was read: a port in use, a host
// without an address. Made by cli/resolve-values.ts.

export interface ValueOrigin {
  readonly kind: "typed" | "environment" | "file" | "default";
  /** As a person finds it: `--port`, `PORT in the environment`, `"port" in "weir.config.json"`. */
  readonly text: string;
}

/** By the long name of the flag. */
export type ValueOrigins = Readonly<Record<string, ValueOrigin>>;

/** `from PORT in the environment`; undefined for a default, because nobody set it. */
export function formatOrigin(origin: ValueOrigin | undefined): string | undefined {
  return origin === undefined || origin.kind === "default" ? undefined : `from ${origin.text}`;
}

/** The end of an error: a blank, and where the value came from. A typed value needs none. */
export function originRemark(origin: ValueOrigin | undefined): string {
  if (origin === undefined || origin.kind === "typed") return "";
  return origin.kind === "default" ? "" : ` (${formatOrigin(origin)})`;
}
