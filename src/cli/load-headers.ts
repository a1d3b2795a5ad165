// Reader of the header fields that a load run sends: `Name: value`, several on lines of their own, as
// a repeated flag joins them. Pure; used by the flag table.

import { UsageError } from "../config/usage-error.ts";

/** The run alone decides about these: no body is sent, and connections have a flag of their own. */
const ownNames = ["content-length", "transfer-encoding", "connection", "upgrade", "expect"];

/** Field lines as they go over the wire, `Name: value`. */
export function parseLoadHeaders(text: string): readonly string[] {
  return Object.freeze(text.split("\n").map(parseHeader));
}

function parseHeader(line: string): string {
  // RFC 9110 §5.5: what the wire takes without being read as another line or field.
  const [, name, value] =
    /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t ]*([\t\x20-\x7e\x80-\xff]*?)[\t ]*$/.exec(line) ?? [];
  if (name === undefined || value === undefined) {
    throw new UsageError("give a name, a colon and a value, such as 'Accept: text/html'");
  }
  if (ownNames.includes(name.toLowerCase())) {
    throw new UsageError(`leave ${name} out: weir sends what it needs of it`);
  }
  return `${name}: ${value}`;
}
