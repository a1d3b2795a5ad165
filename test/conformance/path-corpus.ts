// Runs path-traversal.json (ways out of the folder) and redirect-crlf.json (redirects to another
// host, fields slipped in through a path). Every path is sent in several forms.

import type { RawResponse } from "../fixtures/raw-response.ts";
import type { AttackedFolder } from "./attacked-folder.ts";
import { type CaseResult, isServerError } from "./case-result.ts";
import type { RedirectCorpus } from "./corpora.ts";
import { type PathAnswer, PathClient } from "./path-client.ts";
import { mapConcurrently, type ServerAddress } from "./server-address.ts";

interface TargetCase {
  readonly id: string;
  /** One character a byte. */
  readonly target: string;
}

/** The first line of the real password file, which some paths name from `/`. */
const PASSWORD_FILE = "root:x:0:0:";

export function runTraversals(
  address: ServerAddress,
  paths: readonly string[],
  folder: AttackedFolder,
): Promise<CaseResult[]> {
  const full = paths.flatMap((path) =>
    path.includes("{FILE}")
      ? folder.secretPaths.map((secret) => path.replaceAll("{FILE}", secret))
      : [path],
  );
  const wanted = "nothing from outside the folder, and no error of the server's own";
  return runTargets(address, full, wanted, ({ body }) => {
    const text = body.toString("latin1");
    return !text.includes(folder.marker) && !text.includes(PASSWORD_FILE);
  });
}

export async function runRedirects(
  address: ServerAddress,
  corpus: RedirectCorpus,
): Promise<CaseResult[]> {
  const wanted = "no Location at another host, and no field that was slipped in";
  return runTargets(
    address,
    [...corpus.open_redirect, ...corpus.crlf],
    wanted,
    (response, target) =>
      leadsHome(response, target, address) && !response.fields.has("set-cookie"),
  );
}

/** The forms of a path that a client may send: as it is, absolute, below a folder, escaped. */
export function targetForms(path: string): TargetCase[] {
  const bytes = Buffer.from(path).toString("latin1");
  const absolute = bytes.startsWith("/") ? bytes : `/${bytes}`;
  const forms = {
    raw: bytes,
    absolute,
    below: `/sub${absolute}`,
    escaped: absolute.replaceAll(/[^/]/g, escapeByte),
    "escaped whole": `/${absolute.slice(1).replaceAll(/[\s\S]/g, escapeByte)}`,
  };
  const targets = new Map<string, string>();
  for (const [form, target] of Object.entries(forms)) {
    if (!targets.has(target)) targets.set(target, `${path} [${form}]`);
  }
  return Array.from(targets, ([target, id]) => ({ id, target }));
}

/**
 * Whether a browser that follows the redirect stays at the host that it asked: a Location is read as
 * the browser's own URL parser reads it, for which `\` is `/`, and tabs are nothing.
 */
export function leadsHome(response: RawResponse, target: string, address: ServerAddress): boolean {
  const base = `http://${address.host}:${address.port}`;
  return (response.fields.get("location") ?? []).every((location) => {
    const requested = URL.parse(target)?.host;
    const host = URL.parse(location, base)?.host;
    // An absolute target names its host itself, and no browser sends one to a server of files.
    return host === new URL(base).host || (host !== undefined && host === requested);
  });
}

async function runTargets(
  address: ServerAddress,
  paths: readonly string[],
  wanted: string,
  isRight: (response: RawResponse, target: string) => boolean,
): Promise<CaseResult[]> {
  const clients: PathClient[] = [];
  const judge = (answer: PathAnswer, target: string): boolean => {
    // A close without an answer is a refusal of its own kind; a wait in vain is a hang.
    if (answer.kind !== "answered") return answer.kind === "closed";
    return !isServerError(answer.response.status) && isRight(answer.response, target);
  };
  const results = await mapConcurrently(
    paths.flatMap(targetForms),
    async ({ id, target }): Promise<CaseResult> => {
      const client = clients.pop() ?? new PathClient(address);
      const answer = await client.get(target);
      clients.push(client);
      const verdict = judge(answer, target) ? "pass" : "fail";
      return { id, verdict, observed: describeAnswer(answer), wanted };
    },
  );
  for (const client of clients) client.close();
  return results;
}

function describeAnswer(answer: PathAnswer): string {
  if (answer.kind !== "answered") return answer.kind;
  const location = answer.response.fields.get("location");
  return `${answer.response.status}${location === undefined ? "" : ` to ${location}`}`;
}

function escapeByte(byte: string): string {
  return `%${byte.charCodeAt(0).toString(16).padStart(2, "0")}`;
}
