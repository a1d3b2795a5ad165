// What a request names in the served folder, and the answer to it: a file, a listing, a redirect or
// an error. Called by handle-request.ts once a request may pass; it counts nothing and knows no client.

import { chooseRepresentation } from "../files/choose-representation.ts";
import type { CodedFiles } from "../files/coded-files.ts";
import { respondWithFile } from "../files/file-response.ts";
import {
  type OpenFile,
  type OpenOutcome,
  openServed,
  type ServedFolder,
} from "../files/open-file.ts";
import {
  childPath,
  formatFolderUrlPath,
  resolvePath,
  type SafePath,
} from "../files/resolve-path.ts";
import { loadSmallBody } from "../files/small-body.ts";
import { formatField, NO_BODY, type Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request.ts";
import { ALLOW_FIELD, errorReply } from "./error-reply.ts";
import { answerWithListing, type ListingSource } from "./listing-answer.ts";

export interface Answer {
  readonly reply: Reply;
  /** The file or folder to count a hit for, if this is one: a GET of something that exists. */
  readonly hitPath: string | undefined;
}

export interface FolderSite extends ListingSource {
  readonly folder: ServedFolder;
  /** undefined: nothing is compressed. */
  readonly codedFiles: CodedFiles | undefined;
  /** Whether a folder is answered with its index.html where there is one. */
  readonly index: boolean;
  readonly listing: boolean;
  readonly wallMs: () => number;
}

const INDEX_NAME = "index.html";
const RETRY_FIELD = "Retry-After: 1\r\n";
/** Registered methods (RFC 9110 §18.2 and the registry) that a server of files refuses. */
const KNOWN_METHODS: ReadonlySet<string> = new Set(
  "ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT CONNECT COPY DELETE LABEL LINK LOCK MERGE MKACTIVITY MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE ORDERPATCH PATCH POST PRI PROPFIND PROPPATCH PUT QUERY REBIND REPORT SEARCH TRACE UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE UPDATEREDIRECTREF VERSION-CONTROL".split(
    " ",
  ),
);

/** A file that is written to at this moment is opened again this often before the client is told. */
const ATTEMPTS_MAX = 5;

export async function answerFromFolder(site: FolderSite, head: RequestHead): Promise<Answer> {
  if (head.method !== "GET" && head.method !== "HEAD") return uncounted(answerOtherMethod(head));
  const resolved = resolvePath(head.target.rawPath);
  if (resolved.kind === "malformed") {
    return uncounted(errorReply(head, 400, { explanation: resolved.explanation, close: true }));
  }
  if (resolved.kind === "nameless") return uncounted(errorReply(head, 404));
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    const answer = await answerPath(site, head, resolved.path);
    if (answer !== "changed") return answer;
  }
  return uncounted(errorReply(head, 503, { fields: RETRY_FIELD }));
}

async function answerPath(
  site: FolderSite,
  head: RequestHead,
  path: SafePath,
): Promise<Answer | "changed"> {
  const opened = await openServed(site.folder, path);
  if (opened.kind !== "folder") return answerOpened(site, head, path, opened);
  if (!path.isFolderForm) return uncounted(redirectToFolder(head, path));
  if (site.index) {
    const indexPath = childPath(path, INDEX_NAME);
    const index = await openServed(site.folder, indexPath);
    if (index.kind === "file") return answerWithFile(site, head, indexPath, index.file);
  }
  if (!site.listing) return uncounted(errorReply(head, 404));
  const listing = await answerWithListing(site, head, path, opened.systemPath);
  return countIfGet(head, listing, `${path.path}/`);
}

function answerOtherMethod(head: RequestHead): Reply {
  if (head.method === "OPTIONS") return { status: 204, fields: ALLOW_FIELD, body: NO_BODY };
  return errorReply(head, KNOWN_METHODS.has(head.method) ? 405 : 501, { fields: ALLOW_FIELD });
}

async function answerOpened(
  site: FolderSite,
  head: RequestHead,
  path: SafePath,
  opened: Exclude<OpenOutcome, { kind: "folder" }>,
): Promise<Answer | "changed"> {
  switch (opened.kind) {
    case "absent":
      return uncounted(errorReply(head, 404));
    case "forbidden":
      return uncounted(errorReply(head, 403));
    case "busy":
      return uncounted(errorReply(head, 503, { fields: RETRY_FIELD }));
    case "file":
      return answerWithFile(site, head, path, opened.file);
  }
}

/** "changed" when the file was written to while it was read: to be opened again. */
async function answerWithFile(
  site: FolderSite,
  head: RequestHead,
  path: SafePath,
  file: OpenFile,
): Promise<Answer | "changed"> {
  const chosen = await chooseRepresentation(site, head, path, file);
  if (chosen.kind === "unacceptable") {
    return uncounted(errorReply(head, 406, { fields: "Vary: Accept-Encoding\r\n" }));
  }
  const response = respondWithFile(head, chosen.representation, site.wallMs());
  if (response.kind === "error") {
    return uncounted(errorReply(head, response.status, { fields: response.fields }));
  }
  const reply = await loadSmallBody(head, response.reply);
  return reply === "changed" ? reply : countIfGet(head, reply, path.path);
}

/** The slash is missing: relative links in the folder's page would go astray without it. */
function redirectToFolder(head: RequestHead, path: SafePath): Reply {
  const query = head.target.rawQuery === undefined ? "" : `?${head.target.rawQuery}`;
  // A path of names that are not empty, each encoded anew: it can never begin with "//".
  const location = formatField("Location", formatFolderUrlPath(path) + query);
  return errorReply(head, 301, { fields: location });
}

function uncounted(reply: Reply): Answer {
  return { reply, hitPath: undefined };
}

function countIfGet(head: RequestHead, reply: Reply, path: string): Answer {
  return { reply, hitPath: head.method === "GET" ? path : undefined };
}
