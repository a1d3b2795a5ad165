import assert from "node:assert/strict";
import fs, { readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { formatLog, startWriter } from "../../test/fixtures/folder-writer.ts";
import { makeHead } from "../../test/fixtures/request-head.ts";
import { makeTempFolder } from "../../test/fixtures/temp-folder.ts";
import { systemClock } from "../base/clock.ts";
import type { ServeConfig } from "../config/serve-config.ts";
import { closeBody, type Reply } from "../http/reply.ts";
import { type Answer, errorAnswer } from "./answer.ts";
import { ContentTypes } from "./file/content-type.ts";
import { CodedFiles } from "./file/encoding.ts";
import { ATTEMPTS_MAX, SMALL_BODY_BYTES_MAX } from "./file/open-file.ts";
import { Siblings } from "./file/siblings.ts";
import { FileTags } from "./file/versions.ts";
import { RememberedFolders } from "./listing/remembered-folders.ts";
import { WorkPlace } from "./listing/time-slice.ts";
import { answerFromSite, type Site } from "./site.ts";

const { wallMs } = systemClock;

function makeSite(t: TestContext): Site {
  const rules = { hidden: false, symlinks: "inside", types: undefined } as const;
  const folder = { rootDir: makeTempFolder(t), rules };
  const config: Partial<ServeConfig> = {
    index: false,
    listing: false,
    spa: false,
    cleanUrls: false,
    cors: false,
    basePath: "",
    redirects: [],
  };
  // What answers about files look at; the rest of the configuration is the process's.
  const site: Partial<Site> = {
    config: config as ServeConfig,
    root: { current: folder, lookAgain: () => folder },
    tags: new FileTags(wallMs),
    contentTypes: new ContentTypes(),
    siblings: new Siblings({ onIgnored: () => {} }),
    codedFiles: new CodedFiles(),
    hits: { hitsOf: () => 0 },
    wallMs,
    listingMemory: { folders: new RememberedFolders(systemClock), workPlace: new WorkPlace() },
    indexNames: [],
    basePath: "",
    fileFields: undefined,
  };
  return site as Site;
}

async function ask(site: Site, rawPath: string, fields = {}): Promise<Answer> {
  const head = { ...makeHead(fields), target: { rawPath, rawQuery: undefined } };
  return await answerFromSite(site, head);
}

interface Looks {
  openCount: number;
  /** Reads, and looks at the facts of what is open. */
  lookCount: number;
}

/** Counts what is done with files, and does something after each read of one. */
function watchFiles(t: TestContext, path: string, onRead: () => void): Looks {
  const looks: Looks = { openCount: 0, lookCount: 0 };
  const { openSync, fstatSync, readSync } = fs;
  const mocked = fs as unknown as Record<string, unknown>;
  mocked.openSync = (...args: Parameters<typeof openSync>) => {
    if (String(args[0]) === path) looks.openCount++;
    return openSync(...args);
  };
  mocked.fstatSync = (fd: number) => {
    looks.lookCount++;
    return fstatSync(fd);
  };
  mocked.readSync = (...args: Parameters<typeof readSync>) => {
    looks.lookCount++;
    const readBytes = readSync(...args);
    onRead();
    return readBytes;
  };
  syncBuiltinESMExports();
  t.after(() => {
    Object.assign(mocked, { openSync, fstatSync, readSync });
    syncBuiltinESMExports();
  });
  return looks;
}

const HOUR_MS = 3_600_000;

/** Files that are treated in different ways: their size, their age, and the request's fields. */
const FILES: readonly (readonly [string, number, number, Readonly<Record<string, string>>?])[] = [
  ["small, and old", 1000, HOUR_MS],
  ["small, and just written", 1000, 0],
  ["large", 3 * SMALL_BODY_BYTES_MAX, HOUR_MS],
  ["compressed, or not sent at all", 5000, HOUR_MS, { "accept-encoding": "gzip, identity;q=0" }],
];

for (const [what, sizeBytes, ageMs, fields] of FILES) {
  const makeFile = (t: TestContext) => {
    const site = makeSite(t);
    const path = join(site.root.current.rootDir, "a.txt");
    writeFileSync(path, "a".repeat(sizeBytes));
    utimesSync(path, new Date(), new Date(Date.now() - ageMs));
    let seconds = statSync(path).mtimeMs / 1000;
    const change = () => {
      // As long, so that only its time tells, which the clock of some systems would leave as it is.
      seconds += 0.001;
      utimesSync(path, seconds, seconds);
    };
    return { site, path, change };
  };

  test(`a file that changes with every read is opened ${ATTEMPTS_MAX} times, and then the answer is 503 [${what}]`, async (t) => {
    const { site, path, change } = makeFile(t);
    const looks = watchFiles(t, path, change);
    const answer = await ask(site, "/a.txt", fields);
    assert.deepEqual(answer, errorAnswer(503, { fields: [["Retry-After", "1"]] }));
    assert.equal(looks.openCount, ATTEMPTS_MAX);
    assert.ok(looks.lookCount <= 10 * ATTEMPTS_MAX, `${looks.lookCount} looks at the file`);
  });

  test(`a file that changes until the last attempt is answered [${what}]`, async (t) => {
    const { site, path, change } = makeFile(t);
    const looks = watchFiles(t, path, () => {
      if (looks.openCount < ATTEMPTS_MAX) change();
    });
    const answer = await ask(site, "/a.txt", fields);
    assert.ok(answer.kind === "file" && answer.reply.status === 200);
    closeBody(answer.reply.body);
    assert.equal(looks.openCount, ATTEMPTS_MAX);
  });
}

/** The body that the client would get; undefined for one that would be cut short. */
async function readBody({ body }: Reply): Promise<Buffer | undefined> {
  if (body.kind !== "source") return body.kind === "bytes" ? body.bytes : assert.fail(body.kind);
  const bytes = Buffer.alloc(body.lengthBytes);
  try {
    for (let filled = 0; filled < bytes.length; ) {
      const readBytes = await body.source.read(bytes.subarray(filled), filled);
      if (readBytes === 0) return undefined;
      filled += readBytes;
    }
    return (await body.source.isUnchanged()) ? bytes : undefined;
  } finally {
    body.source.close();
  }
}

const LOOKS = 400;

for (const pauses of [true, false]) {
  const how = pauses ? "with pauses" : "without a pause";

  test(`a file that a thread rewrites all the time ${how} is whole, or the answer is 503 [${LOOKS} requests]`, async (t) => {
    const site = makeSite(t);
    const path = join(site.root.current.rootDir, "a.txt");
    const contents = [900, 65_000, 200_000, 20_000, 1500, 40_000, 8192].map((size, index) =>
      Buffer.alloc(size, "abcdefg"[index]),
    );
    writeFileSync(path, contents[0]!);
    const writer = await startWriter(t, { kind: "rewrite", path, contents }, { pauses });
    let refusedCount = 0;
    for (let look = 0; look < LOOKS; look++) {
      const answer = await ask(site, "/a.txt");
      if (answer.kind === "error") {
        assert.equal(answer.status, 503);
        refusedCount++;
        continue;
      }
      assert.ok(answer.kind === "file" && answer.reply.status === 200);
      const body = await readBody(answer.reply);
      if (body === undefined) continue;
      // What lies there in the middle of a write is the beginning of a version.
      const version = contents.find((content) => content[0] === body[0]);
      assert.ok(body.length === 0 || version?.subarray(0, body.length).equals(body), "a mixture");
    }
    t.diagnostic(`${writer.turns()} versions, ${refusedCount} times 503`);
    await writer.stop();
  });

  test(`a log that a thread appends to all the time ${how} arrives with a length that it had [${LOOKS} requests]`, async (t) => {
    const site = makeSite(t);
    const path = join(site.root.current.rootDir, "a.log");
    writeFileSync(path, formatLog(100));
    const task = { kind: "append", path, firstLine: 100 } as const;
    const writer = await startWriter(t, task, { pauses });
    const bodies: Buffer[] = [];
    for (let look = 0; look < LOOKS; look++) {
      const answer = await ask(site, "/a.log");
      assert.ok(answer.kind === "file" && answer.reply.status === 200);
      const body = await readBody(answer.reply);
      if (body !== undefined) bodies.push(body);
    }
    t.diagnostic(`${writer.turns()} lines`);
    await writer.stop();
    const log = readFileSync(path);
    assert.ok(bodies.length > 0, "every answer was cut short");
    for (const body of bodies) assert.ok(log.subarray(0, body.length).equals(body));
  });
}
