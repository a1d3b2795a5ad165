// What the server prints when it is ready: one line for programs, a banner for people. Pure.

import { styleText } from "node:util";
import type { ServeConfig } from "../config/serve-config.ts";
import { formatUrl } from "./listen-url.ts";

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
  /** Addresses of this machine that others reach, for the banner. */
  readonly networkAddresses: readonly string[];
  /** Of the dashboard; undefined without an admin interface. */
  readonly adminUrl: string | undefined;
}

/** `http://localhost:8001`, `unix:/run/weir.sock` */
export function formatPlace(place: ServedPlace): string {
  if (place.kind === "unix") return `unix:${showPath(place.path)}`;
  return formatUrl(place.host ?? "localhost", place.port);
}

/** The line that scripts wait for; its form is fixed. Further places follow on lines of their own. */
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

/** @param isColoured whether the terminal wants colour */
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

/** The address that a phone in the same network opens; undefined when it can reach none. */
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
