// Opens pages in the system's Chromium, through playwright-core, for tests of what a person sees.
// Every page has a context of its own (no cache, no cookies of another test) and remembers what it
// asked for and what the browser complained about. Pages never reach beyond the server under test.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import {
  type Browser,
  type BrowserContextOptions,
  type ConsoleMessage,
  chromium,
  type Page,
} from "playwright-core";
import { requireProgram } from "../fixtures/system-program.ts";

/** Screenshots to look at; they are never compared, and Git ignores the folder. */
const ARTEFACTS_DIR = fileURLToPath(new URL("../artefacts", import.meta.url));

/** Only ends a wait for something that does not come. */
const ACTION_MS_MAX = 60_000;

const CHROMIUM_ARGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface OpenedPage {
  readonly page: Page;
  /** The URLs that the page asked for, in order; without those of data URLs. */
  readonly requests: readonly string[];
  /** Errors and warnings of the console, a breach of the policy among them, and dialogs. */
  readonly complaints: readonly string[];
}

/**
 * A test file as the life of what it starts at its top level, in place of one test: for what all of
 * its tests look at and none changes.
 */
export const wholeFile: Pick<TestContext, "after"> = {
  after: (hook) => after(hook as () => unknown),
};

export type PageOpener = (
  t: TestContext,
  options?: BrowserContextOptions,
) => Promise<OpenedPage | undefined>;

/**
 * What opens pages for the tests of one file, called at its top level: one browser for all of them,
 * started by the first and closed after the last. The opener gives undefined after `t.skip` where
 * there is no Chromium.
 */
export function shareBrowser(): PageOpener {
  let launched: Promise<Browser> | undefined;
  after(async () => (await launched)?.close());
  return async (t, options) => {
    const executablePath = requireProgram(t, "chromium", "chromium");
    if (executablePath === undefined) return undefined;
    launched ??= launchChromium(executablePath);
    return openWatchedPage(t, await launched, options);
  };
}

function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    // Chromium's sandbox does not start as root.
    chromiumSandbox: process.getuid?.() !== 0,
    args: CHROMIUM_ARGS,
    // Playwright turns the back-forward cache off; people have it on, and see old pages from it.
    ignoreDefaultArgs: ["--disable-back-forward-cache"],
  });
}

async function openWatchedPage(
  t: TestContext,
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  t.after(() => context.close());
  context.setDefaultTimeout(ACTION_MS_MAX);
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("requestfailed", (request) => complaints.push(`failed: ${request.url()}`));
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (!isAboutFavicon(message)) complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return { page, requests, complaints };
}

/**
 * A document without a page of ours around it (a picture, a text, somebody's page) makes the browser
 * ask for /favicon.ico by itself, when it has time: whether its 404 is in the console is chance.
 */
function isAboutFavicon(message: ConsoleMessage): boolean {
  return message.location().url.endsWith("/favicon.ico");
}

/** Writes `test/artefacts/NAME.png`: the whole page, or what fits into the window. */
export async function saveScreenshot(page: Page, name: string, fullPage = true): Promise<void> {
  mkdirSync(ARTEFACTS_DIR, { recursive: true });
  await page.screenshot({ path: join(ARTEFACTS_DIR, `${name}.png`), fullPage });
}
