import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { limitedResult, openResult } from "../../../test/fixtures/load-results.ts";
import type { LoadResult } from "../result.ts";
import { formatLoadPage } from "./html.ts";

function idsOf(html: string, element: string): string[] {
  return Array.from(html.matchAll(new RegExp(`<${element} id="([^"]+)"`, "g")), ([, id]) => id!);
}

const open = formatLoadPage(openResult);
const limited = formatLoadPage(limitedResult);

test("an open run with everything has every section and plot", () => {
  assert.deepEqual(idsOf(open, "section"), [
    ...["rate", "latency", "distribution", "statuses", "failures", "odd-answers"],
    ...["sources", "limit", "plan"],
  ]);
  assert.deepEqual(
    idsOf(open, "title").map((id) => id.replace("-title", "")),
    ["rate-plot", "latency-plot", "distribution-plot", "status-plot"],
  );
});

test("sections that have nothing to tell are left out [no failure, one source, no limit]", () => {
  assert.deepEqual(idsOf(limited, "section"), [
    ...["rate", "latency", "distribution", "statuses", "plan"],
  ]);
});

test("the style is allowed by its hash, and there is neither a script nor a foreign address", () => {
  const style = /<style>([^<]*)<\/style>/.exec(open)![1]!;
  const hash = createHash("sha256").update(style).digest("base64");
  assert.ok(open.includes(`content="default-src 'none'; style-src 'sha256-${hash}';`));
  assert.doesNotMatch(open, /<script|\son\w+=|style="|<img|@import/);
  assert.doesNotMatch(open, /(href|src)="(?!#|data:)/);
});

test("what others wrote is shown as text [< > & in URLs, header fields, details of failures]", () => {
  assert.doesNotMatch(open, /<c>|<b>|<1000>/);
  assert.match(
    open,
    /<h1>GET http:\/\/127\.0\.0\.1:8001\/a\?b=&lt;c&gt;&amp;d and 1 other URL<\/h1>/,
  );
  assert.match(open, /for example: no answer within &lt;1000&gt; ms/);
});

test("the figures of the plots are in tables as well [the stall of an open run]", () => {
  const row = (...cells: string[]): string =>
    `<tr><th scope="row">${cells[0]}</th>${cells
      .slice(1)
      .map((cell) => `<td>${cell}</td>`)
      .join("")}</tr>`;
  assert.ok(open.includes(row("4 s", "12.0", "0", "0", "100")));
  assert.ok(open.includes(row("5 s", "300 ms", "1.01 s")));
  assert.ok(open.includes(row("200", "950", "95.4 %")));
  assert.ok(open.includes(row("timed-out", "4", "0.4 %")));
  assert.ok(open.includes(row("127.0.0.2", "480", "18", "2", "1.00 ms", "3.00 ms")));
  for (const name of ["corrected", "uncorrected"]) {
    assert.ok(open.includes(`<th scope="row">${name}</th><td>996</td>`), name);
  }
});

test("a run through a limit draws what was admitted and refused apart, and the admitted alone", () => {
  assert.deepEqual(
    idsOf(limited, "title").map((id) => id.replace("-title", "")),
    ["rate-plot", "admitted-plot", "latency-plot", "distribution-plot", "status-plot"],
  );
  for (const name of ["all answers", "admitted", "refused"]) {
    assert.ok(limited.includes(`<th scope="row">${name}</th><td>`), name);
  }
});

const empty: LoadResult = {
  ...limitedResult,
  ...{ durationMs: 0, total: 0, answered: 0, admitted: 0, refused: 0 },
  rate: { achieved: 0, admitted: 0 },
  ...{ byStatus: {}, latencyMs: {}, seconds: [], interrupted: true },
};

test("a run without any answer, or without any time, has a page without NaN", () => {
  const page = formatLoadPage(empty);
  assert.doesNotMatch(page, /NaN|∞|Infinity|undefined/);
  assert.deepEqual(idsOf(page, "section"), ["plan"]);
  assert.match(page, /Stopped early: 0 of 200 requests are done\./);
  for (const each of [open, limited]) assert.doesNotMatch(each, /NaN|∞|Infinity|undefined/);
});

test("a day of seconds is drawn in some hundred intervals", () => {
  const seconds = Array.from({ length: 86_400 }, (_, second) => ({
    ...openResult.seconds[second % 10]!,
    second,
  }));
  const page = formatLoadPage({ ...openResult, seconds, durationMs: 86_400_000 });
  assert.ok(page.length < 500_000, `${page.length} characters`);
  assert.match(page, /<details><summary>Requests a second over time, 400 rows<\/summary>/);
  assert.match(page, />hours<\/text>/);
});
