// The way of one request through the site: from its path to a redirect, a file, a listing, a zip or an
// error. Read answerFromSite, answerPath and answerWithFile. Called once a request may pass
// (request/handle.ts). It counts nothing and knows no client.

import type { ServeConfig } from "../config/serve-config.ts";
import { type Field, type Fields, withFields } from "../http/reply.ts";
import type { RequestHead } from "../http/request.ts";
import { SourceChangedError } from "../http/source.ts";
import {
  type Answer,
  answerOtherMethod,
  type Content,
  errorAnswer,
  RETRY_SOON,
  redirectByRule,
  redirectTo,
} from "./answer.ts";
import {
  loadBufferedBody,
  type OpenFile,
  type OpenFolder,
  repeatWhileChanging,
} from "./file/open-file.ts";
import { type OpenOutcome, openServed } from "./file/open-served.ts";
import { chooseRepresentation, type RepresentationOptions } from "./file/representation.ts";
import { respondWithFile } from "./file/response.ts";
import { answerWithListing, asksForZip, type ListingSource } from "./listing/answer.ts";
import { type SlowMount, SlowPlaceError } from "./mount/table.ts";
import {
  type CleanPage,
  findCleanUrl,
  type IndexPage,
  isAppPlace,
  NOT_FOUND_PAGE,
  openCleanPage,
  openIndexPage,
  openNotFoundPage,
} from "./pages.ts";
import {
  formatFolderUrlPath,
  ROOT_PATH,
  resolvePath,
  type SafePath,
  stripBasePath,
} from "./path.ts";
import type { FileFields } from "./rules.ts";
import type { ServedFolder, ServedRoot } from "./served-folder.ts";

/** Answers requests for what lies in a slow mount. */
export interface ElsewhereAnswerer {
  answer(mount: SlowMount, head: RequestHead): Promise<Answer>;
}

/** The site as one thread answers from it (thread-site.ts). */
export interface Site extends RepresentationOptions, Omit<ListingSource, "codedFiles"> {
  readonly config: ServeConfig;
  /** Where the served folder lies now. */
  readonly root: Pick<ServedRoot, "current" | "lookAgain">;
  /** Undefined: this thread may wait for slow mounts itself. */
  readonly elsewhere?: ElsewhereAnswerer | undefined;
  /** Undefined: no rule adds a field, and Cache-Control is weir's own. */
  readonly fileFields: FileFields | undefined;
  readonly wallMs: () => number;
}

const VARY_BY_ENCODING: Fields = [["Vary", "Accept-Encoding"]];
/** Zips that may meet slow mounts have threads of their own. */
const ZIP_PLACE: SlowMount = { mountPoint: "a zip that holds files of slow disks", type: "zip" };

/** "changed": a file was written to while it was read. "absent": nothing that is served is there. */
type Outcome = Answer | "changed" | "absent";

export async function answerFromSite(site: Site, publicHead: RequestHead): Promise<Answer> {
  let head = publicHead;
  if (site.config.basePath !== "" && head.target.rawPath !== "*") {
    const rawPath = stripBasePath(head.target.rawPath, site.config.basePath);
    if (rawPath === undefined) return errorAnswer(404);
    if (rawPath === "") return redirectTo(head, `${site.config.basePath}/`);
    head = { ...head, target: { rawPath, rawQuery: head.target.rawQuery } };
  }
  if (head.method !== "GET" && head.method !== "HEAD")
    return answerOtherMethod(head, site.config.cors);
  const resolved = resolvePath(head.target.rawPath);
  if (resolved.kind === "malformed") {
    return errorAnswer(400, { explanation: resolved.explanation, close: true });
  }
  const path = resolved.kind === "path" ? resolved.path : undefined;
  const redirect =
    path && site.config.redirects.length > 0 && redirectByRule(site.config.redirects, head, path);
  if (redirect) return redirect;
  let folder = site.root.current;
  try {
    return await repeatWhileChanging(async () => {
      let outcome = path === undefined ? "absent" : await answerPath(site, folder, head, path);
      if (outcome === "absent") {
        const moved = site.root.lookAgain();
        const names = resolved.kind === "path" ? resolved.path.segments : resolved.names;
        if (moved === folder) outcome = await answerAbsent(site, folder, head, path, names);
        else folder = moved;
      }
      // A root that has just moved is a change, too.
      if (outcome === "changed" || outcome === "absent") throw new SourceChangedError();
      return outcome;
    });
  } catch (error) {
    if (error instanceof SourceChangedError) return errorAnswer(503, { fields: RETRY_SOON });
    if (!(error instanceof SlowPlaceError) || site.elsewhere === undefined) throw error;
    return site.elsewhere.answer(error.mount, head);
  }
}

/**
 * What lies at a path, or "absent".
 * @param folder the root as it lies for this request, from its first look to its last
 * @throws SlowPlaceError where this thread must not wait for a file
 */
function answerPath(
  site: Site,
  folder: ServedFolder,
  head: RequestHead,
  path: SafePath,
): Outcome | Promise<Outcome> {
  const opened = openServed(folder, path);
  if (opened.kind === "file") {
    if (!site.config.cleanUrls) return answerWithFile(site, folder, head, path, opened.file);
    return answerWithPage(site, folder, head, path, { path, file: opened.file });
  }
  if (opened.kind === "folder" && path.isFolderForm) {
    return answerFolder(site, folder, head, path, opened.folder);
  }
  if (opened.kind === "folder") opened.folder.release();
  if (opened.kind === "folder" || opened.kind === "absent") {
    const page = site.config.cleanUrls ? openCleanPage(folder, path) : undefined;
    if (page !== undefined) return answerWithPage(site, folder, head, path, page);
    return opened.kind === "folder" ? redirectTo(head, formatFolderUrlPath(path)) : "absent";
  }
  return answerUnreadable(opened);
}

/** An open folder: its zip, its index page or its listing. It is released here, or by the listing. */
function answerFolder(
  site: Site,
  served: ServedFolder,
  head: RequestHead,
  path: SafePath,
  folder: OpenFolder,
): Outcome | Promise<Outcome> {
  if (site.zips !== undefined && asksForZip(head)) {
    folder.release();
    // Any link in any folder may lead into a slow mount, and this thread must not wait for it.
    if (served.mounts?.hasSlow === true) throw new SlowPlaceError(ZIP_PLACE);
    const zip = site.zips.answer(served, path);
    if (zip === "busy") return errorAnswer(503, { fields: RETRY_SOON });
    return makeContent("zip", head, zip, `${path.path}/`);
  }
  let index: IndexPage | undefined;
  try {
    index = site.config.index ? openIndexPage(served, site.indexNames, path) : undefined;
  } catch (error) {
    folder.release();
    throw error;
  }
  if (index === undefined && site.config.listing && folder.isReadable) {
    const listing = answerWithListing(site, served, head, path, folder);
    if (listing === "absent") return listing;
    const folderPath = `${path.path}/`;
    const reply = site.fileFields?.applyToListing(folderPath, listing) ?? listing;
    return makeContent("listing", head, reply, folderPath);
  }
  folder.release();
  if (index === undefined) return site.config.listing ? errorAnswer(403) : "absent";
  // An index page that cannot be read now is still the answer: the folder is not listed instead.
  if (index.opened.kind !== "file") return answerUnreadable(index.opened);
  return answerWithFile(site, served, head, index.path, index.opened.file);
}

/** What is there and cannot be read now. */
function answerUnreadable({ kind }: Extract<OpenOutcome, { kind: "forbidden" | "busy" }>): Answer {
  return kind === "forbidden" ? errorAnswer(403) : errorAnswer(503, { fields: RETRY_SOON });
}

/** With clean URLs: the page, or the redirect to its one URL. */
function answerWithPage(
  site: Site,
  folder: ServedFolder,
  head: RequestHead,
  asked: SafePath,
  page: CleanPage,
): Outcome | Promise<Outcome> {
  const cleanUrl = findCleanUrl(
    { showsIndex: site.config.index, indexNames: site.indexNames },
    folder,
    asked,
    page,
  );
  if (cleanUrl !== undefined) return redirectTo(head, cleanUrl);
  return answerWithFile(site, folder, head, page.path, page.file);
}

/** An open file: its representation, the conditions and the range of the request, the reply. */
async function answerWithFile(
  site: Site,
  folder: ServedFolder,
  head: RequestHead,
  path: SafePath,
  file: OpenFile,
): Promise<Answer | "changed"> {
  const decided = site.fileFields?.decideForFile(path.path);
  const chosen = await chooseRepresentation(site, folder, head, path, file, decided);
  if (chosen.kind === "unacceptable") return errorAnswer(406, { fields: VARY_BY_ENCODING });
  // 412, 304, 416, 206 or 200.
  const response = respondWithFile(
    head,
    chosen.representation,
    site.wallMs(),
    decided?.cacheControl,
  );
  if (response.kind === "error") return response;
  const loaded = await loadBufferedBody(head, response.reply);
  if (loaded === "changed") return loaded;
  const reply = decided === undefined ? loaded : withFields(loaded, decided.others);
  const hitPath = head.method === "GET" ? path.path : undefined;
  return { kind: "file", reply, hitPath, isRepeatable: true };
}

/** Where nothing is: the page of an app, the site's own page for a 404, or weir's. */
async function answerAbsent(
  site: Site,
  folder: ServedFolder,
  head: RequestHead,
  path: SafePath | undefined,
  names: readonly string[],
): Promise<Answer | "changed"> {
  if (path?.hasControl === true) {
    const explanation = "The path has an encoded control character, and no file is named so.";
    return errorAnswer(400, { explanation, close: true });
  }
  if (site.config.spa && isAppPlace(head, names)) {
    const app = openIndexPage(folder, site.indexNames, ROOT_PATH);
    if (app?.opened.kind === "file") {
      const answer = await answerWithFile(site, folder, head, app.path, app.opened.file);
      if (answer === "changed" || answer.kind !== "file") return answer;
      // A request that does not want a page gets a 404 for the same URL.
      const reply = withFields(answer.reply, [["Vary", "Accept"]]);
      return { ...answer, reply, isRepeatable: false };
    }
  }
  return answerWithNotFoundPage(site, folder, head);
}

/** The site's own 404 is no hit, and no copy of it is kept. */
async function answerWithNotFoundPage(
  site: Site,
  folder: ServedFolder,
  head: RequestHead,
): Promise<Answer | "changed"> {
  const file = openNotFoundPage(folder, head);
  if (file === undefined) return errorAnswer(404);
  const chosen = await chooseRepresentation(site, folder, head, NOT_FOUND_PAGE, file);
  if (chosen.kind === "unacceptable") return errorAnswer(404);
  const { source, sizeBytes, contentType, coding, varies } = chosen.representation;
  const fields: Field[] = [["Content-Type", contentType]];
  if (coding !== undefined) fields.push(["Content-Encoding", coding]);
  fields.push(["Cache-Control", "no-store"]);
  fields.push(["Vary", varies ? "Accept, Accept-Encoding" : "Accept"]);
  const body = { kind: "source", source, offsetBytes: 0, lengthBytes: sizeBytes } as const;
  const reply = await loadBufferedBody(head, { status: 404, fields, body });
  if (reply === "changed") return reply;
  return { kind: "file", reply, hitPath: undefined, isRepeatable: false };
}

/** @param path is counted for a GET: a file's or a folder's */
function makeContent(
  kind: Content["kind"],
  head: RequestHead,
  reply: Content["reply"],
  path: string,
): Content {
  return { kind, reply, hitPath: head.method === "GET" ? path : undefined, isRepeatable: false };
}
