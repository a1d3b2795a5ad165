// A server of files as most people would write it on node:http: a peer for the conformance table.
// Started by peers.ts with a port and a folder.

import { createReadStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";

const TYPES: Readonly<Record<string, string>> = { ".html": "text/html", ".txt": "text/plain" };
const [port = "0", folder = "."] = process.argv.slice(2);
const root = await realpath(folder);

const server = createServer(async (request, response) => {
  const end = (status: number, fields: Record<string, string> = {}): void => {
    response.writeHead(status, fields).end(request.method === "HEAD" ? undefined : `${status}\n`);
  };
  try {
    if (request.method === "OPTIONS") return end(200, { Allow: "GET, HEAD, OPTIONS" });
    if (request.method !== "GET" && request.method !== "HEAD")
      return end(405, { Allow: "GET, HEAD" });
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    let path = join(root, normalize(decodeURIComponent(pathname)));
    if (path !== root && !path.startsWith(root + sep)) return end(404);
    if ((await stat(path)).isDirectory()) {
      if (!pathname.endsWith("/")) return end(301, { Location: `${pathname}/` });
      path = join(path, "index.html");
    }
    const { size } = await stat(path);
    const type = TYPES[extname(path)] ?? "application/octet-stream";
    response.writeHead(200, { "Content-Type": type, "Content-Length": size });
    if (request.method === "HEAD") response.end();
    else createReadStream(path).pipe(response);
  } catch (error) {
    end(error instanceof URIError || error instanceof TypeError ? 400 : 404);
  }
});
server.listen(Number(port), "127.0.0.1");
