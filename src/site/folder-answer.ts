// What a request names in the served folder, and the answer to it: a file, a listing, a redirect or
// an error. Called by request/handle.ts once a request may pass; it counts nothing and knows no client.

import { type Fields, type Reply, SourceChangedError, withFields } from "../http/reply.ts";
import type { RequestHead } from "../http/request.ts";
import { answerWithNotFoundPage, isAppPlace } from "./absent-page.ts";
import {
  type Answer,
  answerOtherMethod,
  type Content,
  errorAnswer,
  RETRY_SOON,
  redirectByRule,
  redirectTo,
} from "./answer.ts";
import { stripBasePath } from "./base-path.ts";
import { type CleanPage, findCleanUrl, openCleanPage, openIndexPage } from "./clean-url.ts";
import type { CodedFiles } from "./file/encoding.ts";
import {
  loadBufferedBody,
  type OpenFile,
  type OpenFolder,
  repeatWhileChanging,
} from "./file/open-file.ts";
import { type OpenOutcome, openServed } from "./file/open-served.ts";
import { chooseRepresentation, type RepresentationOptions } from "./file/representation.ts";
import { respondWithFile } from "./file/response.ts";
import { answerWithListing, type ListingSource } from "./listing/answer.ts";
import { asksForZip, type FolderZips } from "./listing/zip-answer.ts";
import { type SlowMount, SlowPlaceError } from "./mount/table.ts";
import { formatFolderUrlPath, ROOT_PATH, resolvePath, type SafePath } from "./path.ts";
import type { SiteRules } from "./rules.ts";
import type { ServedFolder, ServedRoot } from "./served-folder.ts";

export interface ElsewhereAnswerer {
  answer(mount: SlowMount, head: RequestHead): Promise<Answer>;
}

export interface FolderSite extends ListingSource, SiteRules, RepresentationOptions {
  /** As it lies for the request that is answered. */
  readonly folder: ServedFolder;
  /** Where it lies now; undefined: it never moves. */
  readonly root?: ServedRoot | undefined;
  /** Answers requests for what lies in a slow mount; undefined: this thread may wait for it. */
  readonly elsewhere?: ElsewhereAnswerer | undefined;
  /** undefined: nothing is compressed. */
  readonly codedFiles: CodedFiles | undefined;
  /** Whether a folder is answered with its index page where there is one. */
  readonly index: boolean;
  readonly listing: boolean;
  readonly wallMs: () => number;
}

const VARY_BY_ENCODING: Fields = [["Vary", "Accept-Encoding"]];
/** Zips that may meet slow mounts have threads of their own. */
const ZIP_PLACE: SlowMount = { mountPoint: "a zip that holds files of slow disks", type: "zip" };

/** "changed": a file was written to while it was read; "absent": nothing that is served is there. */
type Outcome = Answer | "changed" | "absent";

export async function answerFromFolder(site: FolderSite, publicHead: RequestHead): Promise<Answer> {
  const head = stripBasePath(site.basePath, publicHead);
  if ("kind" in head) return head;
  if (head.method !== "GET" && head.method !== "HEAD") {
    return answerOtherMethod(head, site.cors);
  }
  const resolved = resolvePath(head.target.rawPath);
  if (resolved.kind === "malformed") {
    return errorAnswer(400, { explanation: resolved.explanation, close: true });
  }
  const path = resolved.kind === "nameless" ? undefined : resolved.path;
  const names = resolved.kind === "nameless" ? resolved.names : resolved.path.segments;
  const redirect = path && redirectByRule(site.redirects, head, path);
  if (redirect !== undefined) return redirect;
  try {
    return await answerFromFiles(site, head, path, names);
  } catch (error) {
    if (!(error instanceof SlowPlaceError) || site.elsewhere === undefined) throw error;
    return site.elsewhere.answer(error.mount, head);
  }
}

/** @throws SlowPlaceError where this thread must not wait for a file */
async function answerFromFiles(
  wholeSite: FolderSite,
  head: RequestHead,
  path: SafePath | undefined,
  names: readonly string[],
): Promise<Answer> {
  let site = at(wholeSite, wholeSite.root?.current);
  try {
    return await repeatWhileChanging(async () => {
      let outcome = path === undefined ? "absent" : await answerPath(site, head, path);
      if (outcome === "absent") {
        const moved = at(wholeSite, wholeSite.root?.lookAgain());
        if (moved.folder === site.folder) outcome = await answerAbsent(site, head, path, names);
        else site = moved;
      }
      // A root that has just moved is a change, too.
      if (outcome === "changed" || outcome === "absent") throw new SourceChangedError();
      return outcome;
    });
  } catch (error) {
    if (!(error instanceof SourceChangedError)) throw error;
    return errorAnswer(503, { fields: RETRY_SOON });
  }
}

/** The site with its root as it lies for one request, from its first look to its last. */
function at(site: FolderSite, folder: ServedFolder | undefined): FolderSite {
  return folder === undefined || folder === site.folder ? site : { ...site, folder };
}

async function answerPath(site: FolderSite, head: RequestHead, path: SafePath): Promise<Outcome> {
  const opened = await openServed(site.folder, path);
  if (opened.kind !== "folder") return answerOpened(site, head, path, opened);
  const { folder } = opened;
  if (!path.isFolderForm) {
    folder.release();
    const page = site.cleanUrls ? await openCleanPage(site, path) : undefined;
    if (page !== undefined) return answerWithPage(site, head, path, page);
    return redirectTo(head, formatFolderUrlPath(path));
  }
  if (site.zips !== undefined && asksForZip(head)) {
    folder.release();
    return answerWithZip(site, site.zips, head, path);
  }
  const index = site.index ? await openIndexOf(site, path, folder) : undefined;
  // There, and perhaps not to be had now: the names beside it are no answer to that.
  if (index !== undefined) {
    folder.release();
    return index.opened.kind === "file"
      ? answerWithFile(site, head, index.path, index.opened.file)
      : answerOpened(site, head, index.path, index.opened);
  }
  if (!site.listing) {
    folder.release();
    return "absent";
  }
  if (!folder.isReadable) {
    folder.release();
    return errorAnswer(403);
  }
  return answerWithFolder(site, head, path, folder);
}

/** The index page of a folder that is open, and must not stay so when that fails. */
async function openIndexOf(site: FolderSite, path: SafePath, folder: OpenFolder) {
  try {
    return await openIndexPage(site, path);
  } catch (error) {
    folder.release();
    throw error;
  }
}

function answerWithZip(
  site: FolderSite,
  zips: FolderZips,
  head: RequestHead,
  path: SafePath,
): Answer {
  // Some link in some folder may lead into a slow mount: what waits for it is not this thread.
  if (site.folder.mounts?.hasSlow === true) throw new SlowPlaceError(ZIP_PLACE);
  const zip = zips.answer(site.folder, path);
  if (zip === "busy") return errorAnswer(503, { fields: RETRY_SOON });
  return countIfGet("zip", head, zip, `${path.path}/`);
}

function answerWithFolder(
  site: FolderSite,
  head: RequestHead,
  path: SafePath,
  folder: OpenFolder,
): Outcome {
  const listing = answerWithListing(site, head, path, folder);
  if (listing === "absent") return listing;
  const folderPath = `${path.path}/`;
  return countIfGet(
    "listing",
    head,
    site.fileFields?.applyToListing(folderPath, listing) ?? listing,
    folderPath,
  );
}

async function answerOpened(
  site: FolderSite,
  head: RequestHead,
  path: SafePath,
  opened: Exclude<OpenOutcome, { kind: "folder" }>,
): Promise<Outcome> {
  switch (opened.kind) {
    case "absent": {
      const page = site.cleanUrls ? await openCleanPage(site, path) : undefined;
      return page === undefined ? "absent" : answerWithPage(site, head, path, page);
    }
    case "forbidden":
      return errorAnswer(403);
    case "busy":
      return errorAnswer(503, { fields: RETRY_SOON });
    case "file": {
      const { file } = opened;
      if (!site.cleanUrls) return answerWithFile(site, head, path, file);
      return answerWithPage(site, head, path, { path, file });
    }
  }
}

/** With clean URLs: the page, or the redirect to its one URL. */
async function answerWithPage(
  site: FolderSite,
  head: RequestHead,
  asked: SafePath,
  page: CleanPage,
): Promise<Outcome> {
  const cleanUrl = await findCleanUrl(site, asked, page);
  if (cleanUrl !== undefined) return redirectTo(head, cleanUrl);
  return answerWithFile(site, head, page.path, page.file);
}

/** The page of an app, the site's own page for what is absent, or ours. */
async function answerAbsent(
  site: FolderSite,
  head: RequestHead,
  path: SafePath | undefined,
  names: readonly string[],
): Promise<Answer | "changed"> {
  if (path?.hasControl === true) {
    const explanation = "The path has an encoded control character, and no file is named so.";
    return errorAnswer(400, { explanation, close: true });
  }
  if (site.spa && isAppPlace(head, names)) {
    const app = await openIndexPage(site, ROOT_PATH);
    if (app?.opened.kind === "file") {
      const answer = await answerWithFile(site, head, app.path, app.opened.file);
      if (answer === "changed" || answer.kind !== "file") return answer;
      // Others get a 404 for the same URL.
      const reply = withFields(answer.reply, [["Vary", "Accept"]]);
      return { ...answer, reply, isRepeatable: false };
    }
  }
  const page = await answerWithNotFoundPage(site, head);
  if (page === "changed") return page;
  if (page === undefined) return errorAnswer(404);
  return { kind: "file", reply: page, hitPath: undefined, isRepeatable: false };
}

async function answerWithFile(
  site: FolderSite,
  head: RequestHead,
  path: SafePath,
  file: OpenFile,
): Promise<Answer | "changed"> {
  const decided = site.fileFields?.decideForFile(path.path);
  const chosen = await chooseRepresentation(site, head, path, file, decided);
  if (chosen.kind === "unacceptable") {
    return errorAnswer(406, { fields: VARY_BY_ENCODING });
  }
  const { representation } = chosen;
  const response = respondWithFile(head, representation, site.wallMs(), decided?.cacheControl);
  if (response.kind === "error") return response;
  const reply = await loadBufferedBody(head, response.reply);
  if (reply === "changed") return reply;
  const whole = decided ? withFields(reply, decided.others) : reply;
  return { ...countIfGet("file", head, whole, path.path), isRepeatable: true };
}

function countIfGet(kind: Content["kind"], head: RequestHead, reply: Reply, path: string): Content {
  return { kind, reply, hitPath: head.method === "GET" ? path : undefined, isRepeatable: false };
}
