// What the server prints when it is ready: one line for programs, a banner for people. Pure.

import { styleText } from "node:util";
import type { ListenAddress } from "./listen-address.ts";
import { formatUrl } from "./listen-url.ts";

export interface StartFacts {
  readonly rootDir: string;
  readonly address: ListenAddress;
  /** As the user gave it; undefined for every interface. */
  readonly host: string | undefined;
  readonly threadCount: number;
  /** As a person writes it, e.g. `5/s`; undefined without a limit. */
  readonly rate: string | undefined;
  /** Addresses of this machine that others reach, for the banner. */
  readonly networkAddresses: readonly string[];
  /** Of the dashboard; undefined without an admin interface. */
  readonly adminUrl: string | undefined;
}

/** The line that scripts wait for; its form is fixed. */
export function formatReadyLine(facts: StartFacts): string {
  const threads = `${facts.threadCount} ${facts.threadCount === 1 ? "thread" : "threads"}`;
  const limit = facts.rate === undefined ? "no limit" : `${facts.rate} per client`;
  const url = formatUrl(facts.host ?? "localhost", facts.address.port);
  return `weir: serving ${showPath(facts.rootDir)} on ${url} (${threads}, ${limit})\n`;
}

/** @param isColoured whether the terminal wants colour */
export function formatBanner(facts: StartFacts, isColoured: boolean): string {
  const { port } = facts.address;
  const paint = (style: "bold" | "cyan" | "dim", text: string) =>
    isColoured ? styleText(style, text, { validateStream: false }) : text;
  const row = (label: string, value: string) => `  ${paint("dim", label.padEnd(11))}${value}`;
  const urls =
    facts.host === undefined
      ? [
          row("Local", paint("cyan", formatUrl("localhost", port))),
          ...facts.networkAddresses.map((host) =>
            row("Network", paint("cyan", formatUrl(host, port))),
          ),
        ]
      : [row("Address", paint("cyan", formatUrl(facts.host, port)))];
  const dashboard =
    facts.adminUrl === undefined ? [] : [row("Dashboard", paint("cyan", facts.adminUrl))];
  const limit =
    facts.rate === undefined
      ? "none  (set one with --rate 5/s)"
      : `${facts.rate} for each client  (change it with --rate 20/s, or --rate off)`;
  return [
    "",
    `  ${paint("bold", "weir")}  serving ${showPath(facts.rootDir)}`,
    "",
    ...urls,
    ...dashboard,
    row("Limit", limit),
    row("Threads", String(facts.threadCount)),
    "",
    `  ${paint("dim", "Ctrl-C stops it; answers in progress are finished first.")}`,
    "",
    "",
  ].join("\n");
}

/** The address that a phone in the same network opens; undefined when it can reach none. */
export function chooseSharedUrl(facts: StartFacts): string | undefined {
  const { host, networkAddresses, address } = facts;
  const isEverywhere = host === undefined || host === "0.0.0.0" || host === "::";
  const shared = isEverywhere ? networkAddresses[0] : host;
  return shared === undefined ? undefined : formatUrl(shared, address.port);
}

/** A folder's name may hold line breaks and terminal sequences. */
function showPath(path: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
  return path.replaceAll(/[\x00-\x1f\x7f-\x9f]/g, (c) => JSON.stringify(c).slice(1, -1));
}
