// Readers of the positionals by which `weir load` and `weir get` name a server. Pure; used through
// `parseValue`, and throw UsageError with what is allowed, as those of src/config/quantity.ts do.

import { parsePositiveInteger } from "../config/quantity.ts";
import { UsageError } from "../config/usage-error.ts";

const example = "http://localhost:8001/";

/** `schemes` are those allowed, such as `http`. The fragment is dropped. */
export function parseTargetUrl(text: string, schemes: readonly string[]): URL {
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\/[^/?#\\]/i.exec(text) ?? [];
  if (scheme === undefined) throw new UsageError(adviseScheme(text));
  if (!schemes.includes(scheme.toLowerCase())) {
    throw new UsageError(`give a URL that begins with ${schemes.join(":// or ")}://`);
  }
  const url = URL.parse(text);
  if (url === null || url.hostname === "") throw new UsageError(`give a URL such as ${example}`);
  if (url.port === "0") throw new UsageError("give a port from 1 to 65535");
  if (url.username !== "" || url.password !== "") {
    throw new UsageError("leave the user name and password out: none is sent");
  }
  url.hash = "";
  return url;
}

/** A port to connect to: 0 stands for a free one and is no such port. */
export function parseTargetPort(text: string): number {
  return parsePositiveInteger(text, 65_535);
}

function adviseScheme(text: string): string {
  const withScheme = /^[\w.-]+:\d+(\/|$)/.test(text) ? URL.parse(`http://${text}`) : null;
  return withScheme === null ? `give a URL such as ${example}` : `write it as ${withScheme.href}`;
}
