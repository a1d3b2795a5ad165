// What the server prints when it is ready: one line for programs, a banner for people. Pure.

import { styleText } from "node:util";
import type { ServeConfig } from "../config/serve-config.ts";
import { formatUrl } from "./network-addresses.ts";

/** Where the site is served. */
export type ServedPlace =
  | {
      readonly kind: "port";
      /** As the user gave it; undefined for every interface. */
      readonly host: string | undefined;
      readonly port: number;
    }
  | { readonly kind: "unix"; readonly path: string };

export interface StartFacts extends Pick<ServeConfig, "rootDir" | "workers" | "rate"> {
  /** At least one; ports come before Unix sockets. */
  readonly places: readonly ServedPlace[];
  /** Addresses at which others reach this machine, for the banner. */
  readonly networkAddresses: readonly string[];
  /** The address of the dashboard; undefined without an admin interface. */
  readonly adminUrl: string | undefined;
}

/** `http://localhost:8001`, `unix:/run/weir.sock` */
export function formatPlace(place: ServedPlace): string {
  if (place.kind === "unix") return `unix:${showPath(place.path)}`;
  return formatUrl(place.host ?? "localhost", place.port);
}

/** The line that scripts wait for; its form is fixed. Other places follow, each on its own line. */
export function formatReadyLine(facts: StartFacts): string {
  const { rootDir, workers, rate, places } = facts;
  const threads = `${workers} ${workers === 1 ? "thread" : "threads"}`;
  const limit = rate === undefined ? "no limit" : `${rate.text} per client`;
  const [first = "", ...others] = places.map(formatPlace);
  return [
    `weir: serving ${showPath(rootDir)} on ${first} (${threads}, ${limit})\n`,
    ...others.map((place) => `weir: serving on ${place} too\n`),
  ].join("");
}

/** @param isColoured whether the terminal shows colours */
export function formatBanner(facts: StartFacts, isColoured: boolean): string {
  const paint = (style: "bold" | "cyan" | "dim", text: string) =>
    isColoured ? styleText(style, text, { validateStream: false }) : text;
  const row = (label: string, value: string) => `  ${paint("dim", label.padEnd(11))}${value}`;
  const link = (label: string, url: string) => row(label, paint("cyan", url));
  const urls = facts.places.flatMap((place) => {
    if (place.kind === "unix") return link("Socket", formatPlace(place));
    if (place.host !== undefined) return link("Address", formatPlace(place));
    const network = facts.networkAddresses.map((host) =>
      link("Network", formatUrl(host, place.port)),
    );
    return [link("Local", formatPlace(place)), ...network];
  });
  const dashboard = facts.adminUrl === undefined ? [] : [link("Dashboard", facts.adminUrl)];
  const limit =
    facts.rate === undefined
      ? "none  (set one with --rate 5/s)"
      : `${facts.rate.text} for each client  (change it with --rate 20/s, or --rate off)`;
  return [
    "",
    `  ${paint("bold", "weir")}  serving ${showPath(facts.rootDir)}`,
    "",
    ...urls,
    ...dashboard,
    row("Limit", limit),
    row("Threads", String(facts.workers)),
    "",
    `  ${paint("dim", "Ctrl-C stops it; answers in progress are finished first.")}`,
    "",
    "",
  ].join("\n");
}

/** The address that a phone in the same network can open; undefined when there is none. */
export function chooseSharedUrl(facts: StartFacts): string | undefined {
  const urls = facts.places.map((place) => {
    if (place.kind === "unix") return undefined;
    const { host, port } = place;
    const isEverywhere = host === undefined || host === "0.0.0.0" || host === "::";
    const shared = isEverywhere ? facts.networkAddresses[0] : host;
    return shared === undefined ? undefined : formatUrl(shared, port);
  });
  return urls.find((url) => url !== undefined);
}

/** The name of a folder may hold line breaks and terminal sequences. */
function showPath(path: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
  return path.replaceAll(/[\x00-\x1f\x7f-\x9f]/g, (c) => JSON.stringify(c).slice(1, -1));
}

// The QR code that `--qr` shows below the banner when the server starts on a terminal, for a phone to read.
// The encoder is loaded only then.

/** Rows of modules, from the top; true is dark. */
export type QrModules = readonly (readonly boolean[])[];

export interface Terminal {
  /** Characters in a line; 0 or undefined where the terminal does not say. */
  readonly columns: number | undefined;
  /** Lines; 0 or undefined where the terminal does not say. */
  readonly rows: number | undefined;
  readonly isColoured: boolean;
}

/** Lines of the banner above the code, and of the text below it. */
const OTHER_ROWS = 14;
/** What ISO/IEC 18004 asks for; two are enough for phones, where there is less room. */
const QUIET_ZONES = [4, 2] as const;
const INDENT = "  ";
/** A terminal that does not say its width is usually this wide. */
const COLUMNS_USUAL = 80;
/** Black on white: 107 is the brighter of two whites, for terminals that know it. */
const BLACK_ON_WHITE = "\x1b[30;47;107m";
const PLAIN = "\x1b[0m";

/** The smallest code of this text, with as much error correction as fits into that size. */
export async function makeQrModules(text: string): Promise<QrModules> {
  const { encode } = await import("uqr");
  return encode(text, { ecc: "L", boostEcc: true, border: 0 }).data;
}

/**
 * What follows the banner.
 * @param url undefined where a phone can reach none
 */
export async function makeQrSection(url: string | undefined, terminal: Terminal): Promise<string> {
  if (url === undefined) {
    return `${INDENT}No QR code: this machine has no address that a phone could reach.\n\n`;
  }
  return formatQrSection(url, await makeQrModules(url), terminal);
}

/** The code with a caption, or a line that says why there is none. */
export function formatQrSection(url: string, modules: QrModules, terminal: Terminal): string {
  const columns = terminal.columns || COLUMNS_USUAL;
  const zone = chooseQuietZone(modules.length, columns, terminal.rows);
  if (zone === undefined) {
    const needed = widthOf(modules.length, QUIET_ZONES[1]);
    return `${INDENT}No QR code: it needs ${needed} columns, and this terminal has ${columns}.\n\n`;
  }
  const lines = formatQrLines(modules, zone, terminal.isColoured);
  return `${lines.map((line) => `${INDENT}${line}\n`).join("")}\n${INDENT}Scan it to open ${url}\n\n`;
}

function widthOf(size: number, zone: number): number {
  return INDENT.length + size + 2 * zone;
}

/** Undefined if not even the narrow one fits. Height only chooses, because a terminal can scroll. */
function chooseQuietZone(
  size: number,
  columns: number,
  rows: number | undefined,
): number | undefined {
  const [wide, narrow] = QUIET_ZONES;
  const isHighEnough = !rows || Math.ceil((size + 2 * wide) / 2) + OTHER_ROWS <= rows;
  if (isHighEnough && widthOf(size, wide) <= columns) return wide;
  return widthOf(size, narrow) <= columns ? narrow : undefined;
}

/**
 * Two modules in each character, one above the other. With colours it is black on white, whatever the
 * terminal's own colours are. Without colours the characters are the light modules, which is right on a
 * dark background. On a light one dark and light are exchanged, which most of today's readers accept.
 */
function formatQrLines(modules: QrModules, zone: number, isColoured: boolean): string[] {
  const isDark = (row: number, column: number) => modules[row]?.[column] ?? false;
  const isInked = (row: number, column: number) => isDark(row, column) === isColoured;
  const lines: string[] = [];
  for (let row = -zone; row < modules.length + zone; row += 2) {
    let line = "";
    for (let column = -zone; column < modules.length + zone; column++) {
      line += blockOf(isInked(row, column), isInked(row + 1, column));
    }
    lines.push(isColoured ? BLACK_ON_WHITE + line + PLAIN : line);
  }
  return lines;
}

function blockOf(isUpperInked: boolean, isLowerInked: boolean): string {
  if (isUpperInked) return isLowerInked ? "█" : "▀";
  return isLowerInked ? "▄" : " ";
}
