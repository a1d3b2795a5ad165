// Whether this machine can send from the addresses of `--source`. Asked once before a run, so that a
// mistyped address is one clear line and not a thousand failed requests. Their notation is read by
// src/config/address-list.ts.

import { createServer } from "node:net";

/**
 * The first address that cannot be bound, or undefined when all can. The system is asked, and not
 * the list of interfaces: Linux can send from all of 127.0.0.0/8, which no interface lists.
 */
export async function findUnknownSource(sources: readonly string[]): Promise<string | undefined> {
  for (const source of sources) {
    if (!(await canBind(source))) return source;
  }
  return undefined;
}

function canBind(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      // Anything else (no free port, no descriptor) is for the run itself to meet and to report.
      resolve(error.code !== "EADDRNOTAVAIL" && error.code !== "EINVAL");
    });
    server.listen(0, address, () => server.close(() => resolve(true)));
  });
}
