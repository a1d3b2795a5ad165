// The dashboard as a person meets it: the real program under a load of known size, in a real browser.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Page } from "playwright-core";
import { publishedWeir } from "../../bench/published-weir.ts";
import { type AdminWeir, readMetrics, startAdminWeir, sumOf } from "../fixtures/admin-weir.ts";
import { findFreePort } from "../fixtures/free-port.ts";
import { runWeir } from "../fixtures/run-weir.ts";
import { makeTempFolder, type Tree, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";
import { type OpenedPage, saveScreenshot, shareBrowser } from "./browser-page.ts";
import { checkAxe, checkColourSchemes, checkWidths } from "./page-basics.ts";

const openPage = shareBrowser();

interface Watched extends OpenedPage {
  readonly weir: AdminWeir;
  /** The text of the element with that `data-value`. */
  value(name: string): Promise<string>;
  /** Waits until that is its text. */
  valueIs(name: string, text: string): Promise<void>;
}

async function openDashboard(
  t: TestContext,
  tree: Tree,
  args: readonly string[],
  bin?: string,
): Promise<Watched | undefined> {
  const opened = await openPage(t);
  if (opened === undefined) return undefined;
  const dir = makeTempFolder(t);
  writeTree(dir, tree);
  const weir = await startAdminWeir(t, { dir, args, ...(bin === undefined ? {} : { bin }) });
  const { page } = opened;
  await page.goto(`${weir.adminUrl}/`);
  await waitForState(page, "Live");
  const element = (name: string) => page.locator(`[data-value="${name}"]`).first();
  return {
    ...opened,
    weir,
    value: (name) => element(name).innerText(),
    valueIs: (name, text) =>
      page
        .locator(`[data-value="${name}"]`)
        .filter({ hasText: new RegExp(`^${text}$`) })
        .first()
        .waitFor(),
  };
}

async function waitForState(page: Page, state: string): Promise<void> {
  await page.locator('[data-value="state"]').filter({ hasText: state }).waitFor();
}

/** From one address, as fast as it goes. */
async function load(
  t: TestContext,
  weir: AdminWeir,
  source: string,
  count: number,
  path = "/a.txt",
) {
  const args = ["load", `${weir.url}${path}`, "-n", String(count), "-c", "8", "--source", source];
  const run = await runWeir(t, [...args, "--json", "-"]);
  assert.equal(run.code, 0, run.stderr);
}

test("200 requests from each of two addresses arrive, with 195 refusals each, and all agree", async (t) => {
  const opened = await openDashboard(t, { "a.txt": "hello" }, ["--rate", "5/m"]);
  if (opened === undefined) return;
  const { weir, page, requests, complaints, valueIs } = opened;
  await load(t, weir, "127.0.0.1", 200);
  await load(t, weir, "127.0.0.2", 200);
  await valueIs("requests-total", "400");
  await valueIs("refused-total", "390");
  await valueIs("hits-total", "10");
  const metrics = await readMetrics(weir);
  assert.equal(sumOf(metrics, "weir_http_requests_total"), 400);
  assert.equal(metrics.get("weir_limit_refused_total"), 390);
  const bytes = metrics.get("weir_http_response_body_bytes_total") ?? 0;
  await valueIs("body-bytes-total", bytes.toLocaleString("en"));
  const clients = page.getByRole("table").filter({ hasText: "Admitted" });
  for (const address of ["127.0.0.1", "127.0.0.2"]) {
    const row = clients.getByRole("row").filter({ hasText: address });
    await row.filter({ hasText: "195" }).filter({ hasText: "5 of 5" }).waitFor();
  }
  await page.getByRole("link", { name: "/a.txt" }).first().waitFor();
  await saveScreenshot(page, "dashboard-load");
  assert.deepEqual(complaints, []);
  const origins = new Set(requests.map((url) => new URL(url).origin));
  assert.deepEqual([...origins], [weir.adminUrl], "nothing is loaded from elsewhere");
});

test("paused, the numbers stand still; resumed, they are those of now [p]", async (t) => {
  const opened = await openDashboard(t, { "a.txt": "hello" }, ["--rate", "off"]);
  if (opened === undefined) return;
  const { weir, page, value, valueIs } = opened;
  await load(t, weir, "127.0.0.1", 10);
  await valueIs("requests-total", "10");
  await page.keyboard.press("p");
  await waitForState(page, "Paused");
  await load(t, weir, "127.0.0.1", 15);
  // Another page shows them: they have been sent to both.
  const other = await page.context().newPage();
  await other.goto(page.url());
  await other
    .locator('[data-value="requests-total"]')
    .filter({ hasText: /^25$/ })
    .first()
    .waitFor();
  await other.close();
  assert.equal(await value("requests-total"), "10");
  await page.keyboard.press("p");
  await valueIs("requests-total", "25");
  await waitForState(page, "Live");
});

test("the range is chosen by key and by click [2, 3, 1 min]", async (t) => {
  const opened = await openDashboard(t, {}, []);
  if (opened === undefined) return;
  const { page } = opened;
  const isChecked = (name: string) => page.getByRole("radio", { name }).isChecked();
  assert.equal(await isChecked("1 min"), true);
  await page.keyboard.press("2");
  assert.equal(await isChecked("10 min"), true);
  await page.keyboard.press("3");
  assert.equal(await isChecked("1 h"), true);
  await page.getByRole("radio", { name: "1 min" }).click();
  assert.equal(await isChecked("1 min"), true);
});

test("it reconnects by itself when the server is started anew, and begins anew", async (t) => {
  const opened = await openPage(t);
  if (opened === undefined) return;
  const { page } = opened;
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "hello" });
  const [port, adminPort] = [await findFreePort(), await findFreePort()];
  const args = ["--port", String(port), "--admin", `127.0.0.1:${adminPort}`, "--rate", "off"];
  const first = await startWeir(t, { dir, args });
  const weir = { ...first, adminPort, adminUrl: `http://127.0.0.1:${adminPort}` };
  await page.goto(`${weir.adminUrl}/`);
  await waitForState(page, "Live");
  await load(t, weir, "127.0.0.1", 7);
  const total = page.locator('[data-value="requests-total"]');
  await total.filter({ hasText: /^7$/ }).waitFor();
  await first.kill9();
  await waitForState(page, "Reconnecting");
  await startWeir(t, { dir, args });
  await waitForState(page, "Live");
  await total.filter({ hasText: /^0$/ }).waitFor();
  await load(t, weir, "127.0.0.1", 3);
  await total.filter({ hasText: /^3$/ }).waitFor();
});

test("hostile file names are text [markup, quotes, a right-to-left override]", async (t) => {
  const names = ['<img src=x onerror="document.title=1">.txt', "a'b\"c&d.txt", "\u202egpj.txt"];
  const tree = Object.fromEntries(names.map((name) => [name, "x"]));
  const opened = await openDashboard(t, tree, ["--rate", "off"]);
  if (opened === undefined) return;
  const { weir, page, complaints } = opened;
  for (const name of names) {
    await load(t, weir, "127.0.0.1", 3, `/${encodeURIComponent(name).replaceAll("'", "%27")}`);
  }
  const main = page.locator("main");
  for (const shown of ["/<img src=x onerror", "/a'b\"c&d.txt", "/\\u{202e}gpj.txt"]) {
    await main.getByRole("link", { name: shown }).first().waitFor();
  }
  assert.equal(await page.locator("main img").count(), 0);
  assert.notEqual(await page.title(), "1");
  const link = main.getByRole("link", { name: "gpj" }).first();
  const answer = await fetch((await link.getAttribute("href")) ?? "");
  assert.equal(answer.status, 200);
  assert.deepEqual(complaints, []);
});

test("it fits any width and either colour scheme, and axe finds nothing [360, 768, 1280 px]", async (t) => {
  const opened = await openDashboard(t, { "a.txt": "hello" }, ["--rate", "50/s"]);
  if (opened === undefined) return;
  const { weir, page, valueIs } = opened;
  await load(t, weir, "127.0.0.1", 300);
  await valueIs("requests-total", "300");
  await checkWidths(page, [320, 360, 768, 1280, 1920]);
  for (const [width, columnCount] of [
    [360, 1],
    [768, 1],
    [1280, 3],
  ] as const) {
    await page.setViewportSize({ width, height: 900 });
    const lefts = await page.locator(".card").evaluateAll((cards) => {
      return cards.map((card) => Math.round(card.getBoundingClientRect().left));
    });
    assert.equal(new Set(lefts).size, columnCount, `${width} px: cards begin at ${lefts}`);
  }
  await checkColourSchemes(page);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      await checkAxe(page);
      await saveScreenshot(page, `dashboard-${colorScheme}-${width}`);
    }
  }
});

test("everything can be reached by Tab, and nothing takes the focus away [new numbers]", async (t) => {
  const opened = await openDashboard(t, { "a.txt": "hello" }, ["--rate", "off"]);
  if (opened === undefined) return;
  const { weir, page, valueIs } = opened;
  await load(t, weir, "127.0.0.1", 20);
  // The list of what is asked for now loses it when nobody asks.
  const link = page.locator("#files-all").getByRole("link", { name: "/a.txt" });
  await link.waitFor();
  const seen = new Set<string>();
  for (let pressed = 0; pressed < 20; pressed++) {
    await page.keyboard.press("Tab");
    seen.add(
      await page.evaluate<string>(
        "document.activeElement.innerText || document.activeElement.value",
      ),
    );
  }
  const names = [...seen].join(" ");
  for (const name of ["Pause", "minute", "The plots in numbers", "/a.txt", "/metrics", "/readyz"]) {
    assert.ok(names.includes(name), `${name} in ${names}`);
  }
  await link.focus();
  await load(t, weir, "127.0.0.1", 20);
  await valueIs("requests-total", "40");
  assert.equal(await page.evaluate("document.activeElement.innerText"), "/a.txt");
});

test("what is published has the same page in six files, and needs no package for it", async (t) => {
  const opened = await openDashboard(t, { "a.txt": "hello" }, ["--rate", "off"], publishedWeir());
  if (opened === undefined) return;
  const { weir, requests, complaints, valueIs } = opened;
  await load(t, weir, "127.0.0.1", 12);
  await valueIs("requests-total", "12");
  const names = requests.map((url) => url.slice(weir.adminUrl.length));
  assert.deepEqual(names.toSorted(), [
    "/",
    "/api/events",
    "/dashboard.css",
    "/look.css",
    "/main.js",
    "/tables.css",
    "/uplot.css",
  ]);
  assert.deepEqual(complaints, []);
  assert.equal((await fetch(`${weir.adminUrl}/main.ts`)).status, 404);
});
