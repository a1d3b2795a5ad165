// What the two flags of the admin interface say together: where it listens, and which token it asks for.
// Called by the serve command; reads the file of the token, and nothing else.

import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { isLoopback, parseIpAddress } from "../base/ip-address.ts";
import { OperationError } from "../base/operation-error.ts";
import type { AdminConfig } from "../config/serve-config.ts";
import { quote, UsageError } from "../config/usage-error.ts";
import { originRemark, type ValueOrigins } from "../config/value-origin.ts";

/** Visible ASCII, so that it fits into a field line (RFC 6750 §2.1 allows less). */
const TOKEN = /^[\x21-\x7e]+$/;
const TOKEN_LENGTH_MAX = 1024;

/**
 * @throws UsageError for an address that others reach without a token, or a token without an address
 * @throws OperationError for a file that holds no token
 */
export function checkAdmin(
  address: { readonly host: string; readonly port: number } | undefined,
  tokenFile: string | undefined,
  origins: ValueOrigins = {},
): AdminConfig | undefined {
  const fromFile = originRemark(origins["admin-token-file"]);
  if (address === undefined) {
    if (tokenFile === undefined) return undefined;
    throw new UsageError(
      `cannot use --admin-token-file ${quote(tokenFile)} alone: say where the admin interface listens, such as --admin 127.0.0.1:8002${fromFile}`,
    );
  }
  const { host, port } = address;
  if (tokenFile === undefined && !isLoopbackHost(host)) {
    throw new UsageError(
      `cannot open the admin interface on ${quote(`${isIP(host) === 6 ? `[${host}]` : host}:${port}`)}: others reach that address too; give a token (--admin-token-file FILE), or listen on 127.0.0.1 only${originRemark(origins.admin)}`,
    );
  }
  const token = tokenFile === undefined ? undefined : readToken(tokenFile, fromFile);
  return Object.freeze({ host, port, token });
}

/** Whether only this machine reaches it. A name other than localhost may lead anywhere. */
function isLoopbackHost(host: string): boolean {
  const address = parseIpAddress(host);
  return address === undefined ? host.toLowerCase() === "localhost" : isLoopback(address);
}

function readToken(file: string, origin: string): string {
  const fail = (why: string) =>
    new OperationError(`cannot use the token in ${quote(file)}: ${why}${origin}`);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") throw fail("there is no such file");
    if (code === "EISDIR") throw fail("it is a folder; give a file of one line");
    if (code === "EACCES" || code === "EPERM") throw fail("this user may not read it");
    throw fail(`the system says ${code ?? "nothing more"}`);
  }
  const token = text.replace(/\r?\n$/, "");
  if (token === "")
    throw fail("the file is empty; write one line, such as openssl rand -hex 32 gives");
  if (!TOKEN.test(token) || token.length > TOKEN_LENGTH_MAX) {
    throw fail(
      `it is one line of 1 to ${TOKEN_LENGTH_MAX} letters, digits and signs, without blanks`,
    );
  }
  return token;
}
