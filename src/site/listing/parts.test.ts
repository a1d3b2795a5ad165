import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  fileEntry,
  formatListing,
  type Listing,
  listingOf,
  requestFor,
} from "../../../test/fixtures/sample-listing.ts";
import { createHtmlForm } from "./html.ts";
import { createJsonForm } from "./json.ts";
import { listingParts } from "./parts.ts";
import { ListingChangedError } from "./progress.ts";
import { RememberedFolders } from "./remembered-folders.ts";
import { PAUSE, runWhole } from "./time-slice.ts";

const htmlForm = createHtmlForm({ nowMs: 0, hasZip: false });
const jsonForm = createJsonForm({ prefix: "", isShared: true });
const FORMS = [htmlForm, jsonForm];

function manyFiles(count: number): Listing {
  const files = Array.from({ length: count }, (_, index) =>
    fileEntry(`file-${index}.txt`, { sizeBytes: index, hits: index % 7 }),
  );
  return listingOf(["docs"], files);
}

for (const form of FORMS) {
  test(`a long listing comes in parts of about 32 Ki characters (3000 files, ${form.name})`, () => {
    const listing = manyFiles(3000);
    const parts = Array.from(listingParts(requestFor(form, listing)), String).filter(
      (part) => part !== PAUSE,
    );
    assert.ok(parts.length > 5);
    for (const part of parts) assert.ok(part.length <= 48 * 1024);
    // The first is what can be said before the folder is read, the last is what is left.
    for (const part of parts.slice(1, -1)) assert.ok(part.length >= 32 * 1024);
    assert.equal(parts[0], form.formatBeginning(["docs"]));
    assert.equal(parts.join(""), formatListing(form, listing));
  });
}

test("a page of many files has a row for each, a head and a way up (3000 files)", () => {
  const page = formatListing(htmlForm, manyFiles(3000));
  assert.equal(page.match(/<tr>/g)?.length, 3000 + 2);
  assert.ok(page.endsWith("</html>\n"));
  const { entries } = JSON.parse(formatListing(jsonForm, manyFiles(3000))) as {
    entries: { name: string; hits: number }[];
  };
  assert.deepEqual(
    entries.map(({ name, hits }) => [name, hits]),
    Array.from({ length: 3000 }, (_, index) => [`file-${index}.txt`, index % 7]),
  );
});

test("pages together have each entry once, in the order that is asked for (2500 files, 1000 a page)", () => {
  for (const query of ["", "sort=size&order=desc", "sort=hits&order=desc"]) {
    const names = [1, 2, 3].flatMap((page) => {
      const text = formatListing(jsonForm, manyFiles(2500), {
        query: `${query}&page=${page}`,
        entriesPerPage: 1000,
      });
      return (JSON.parse(text) as { entries: { name: string }[] }).entries.map(({ name }) => name);
    });
    const whole = formatListing(jsonForm, manyFiles(2500), { query });
    const { entries } = JSON.parse(whole) as { entries: { name: string }[] };
    assert.deepEqual(
      names,
      entries.map(({ name }) => name),
    );
  }
});

test("loading is begun before there is any text: what it throws comes first", () => {
  const failing = () => {
    throw new Error("gone");
  };
  const request = requestFor(htmlForm, manyFiles(1), { load: failing });
  assert.throws(() => runWhole(listingParts(request)), { message: "gone" });
});

test("the folder is let go of with the listing, wherever that ends (in the first part, in the rows)", () => {
  for (const steps of [1, 2, 3, 5]) {
    let releases = 0;
    const onRelease = () => {
      releases++;
    };
    const parts = listingParts(requestFor(htmlForm, manyFiles(3000), { onRelease }));
    for (let step = 0; step < steps; step++) parts.next();
    parts.return();
    assert.equal(releases, 1, `after ${steps} steps`);
  }
});

test("it pauses while it looks hits up (1000 files, 64 at most at once)", () => {
  const listing = manyFiles(1000);
  let lookups = 0;
  const parts = listingParts({
    ...requestFor(htmlForm, listing, { entriesPerPage: 1000 }),
    hitsOf: () => {
      lookups++;
      return 0;
    },
  });
  for (let before = 0; ; before = lookups) {
    const step = parts.next();
    if (step.done === true) break;
    // Rows are told with their hits, a part at a time.
    if (step.value === PAUSE) assert.ok(lookups - before <= 64, `${lookups - before}`);
  }
  assert.ok(lookups >= 1000);
});

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Memory that throws out everything but the folder that was used last. */
function smallMemory(): RememberedFolders {
  return new RememberedFolders({ monotonicMs: () => 0, bytesMax: 1 });
}

for (const query of ["", "sort=size&order=desc", "sort=hits&order=desc", "q=file-1"]) {
  test(`a listing whose folder was thrown out goes on where it was [20,000 files, "${query}"]`, async () => {
    const listing = manyFiles(20_000);
    const whole = formatListing(jsonForm, listing, { query });
    let loads = 0;
    const folders = smallMemory();
    const load = () => {
      loads++;
      return listing;
    };
    const parts = listingParts(requestFor(jsonForm, listing, { query, folders, load }));
    let text = "";
    for (const step of parts) {
      text += String(step);
      folders.add({
        ...{ pathSegments: ["other"], version: "1", placesKey: "", nameBytes: 0, readMs: 0 },
        content: listingOf([], []).content,
      });
      if (step === PAUSE) continue;
      // What is held weakly is held to the end of a turn.
      await nextTurn();
      collectGarbage();
    }
    assert.ok(loads > 2, `${loads} loads`);
    assert.deepEqual(JSON.parse(text), JSON.parse(whole));
  });
}

test("a README that changes between two of its parts ends the listing short", () => {
  let version = 0;
  const html = `<p>${"😀".repeat(50_000)}</p>`;
  const request = (isChanging: boolean) =>
    requestFor(htmlForm, listingOf([], [fileEntry("README.md")]), {
      // biome-ignore lint/correctness/useYield: it waits for nothing
      *readmeOf() {
        if (isChanging) version++;
        return { html, version: String(version) };
      },
    });
  const { text } = runWhole(listingParts(request(false)));
  assert.ok(text.includes(html));
  assert.throws(() => runWhole(listingParts(request(true))), ListingChangedError);
});
