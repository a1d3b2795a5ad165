// The rows of a listing page: a name with its link and icon, size, time and hits, and how numbers and times
// are written. Hits are put in last because they change all the time. Pure. html.ts calls it, also for a
// hundred thousand entries, so a row is put together in one go.

import { formatSvgDataUrl } from "../../page/style.ts";
import { escapeHtml } from "../../page/text.ts";
import { type DirectoryEntry, formatDisplayName, formatEntryHref, isPlainName } from "./entry.ts";
import type { Row } from "./form.ts";

/** A row without its hits. */
export function formatHtmlRow(entry: DirectoryEntry, nowMs: number): Row {
  const { byteName } = entry;
  const href = formatEntryHref("", entry);
  const name = isPlainName(byteName) ? byteName : escapeHtml(formatDisplayName(byteName));
  const slash = entry.kind === "directory" ? "/" : "";
  const link = `<a href="${href}"><bdi>${name}${slash}</bdi></a>`;
  // The script makes the preview of a picture when a person opens it (script.ts).
  const cell = isShownAsPicture(entry) ? "img pic" : decideIcon(entry);
  return {
    before: `<tr><td class="${cell}">${link}</td>${formatSizeCell(entry.sizeBytes)}<td class="m">${formatTime(entry.modifiedMs, nowMs)}</td><td class="h">`,
    after: "</td></tr>\n",
  };
}

function formatSizeCell(sizeBytes: number | undefined): string {
  if (sizeBytes === undefined) return '<td class="s">–</td>';
  return `<td class="s" title="${formatCount(sizeBytes, "byte", "bytes")}">${formatSize(sizeBytes)}</td>`;
}

function formatTime(modifiedMs: number, nowMs: number): string {
  const modified = formatModified(modifiedMs);
  return `<time datetime="${modified}" title="${formatExactTime(modified)}">${formatRelativeTime(modifiedMs, nowMs)}</time>`;
}

/** The hits, with a bar as long as their share of the highest count. */
export function formatHtmlHits(hits: number, hitsMax: number): string {
  return hits === 0 ? "0" : `<span>${formatBar((100 * hits) / hitsMax)}${hits}</span>`;
}

/** The length is an attribute of SVG and not of style, because the policy allows no inline style. */
function formatBar(percentOfMost: number): string {
  const percent = Math.max(percentOfMost, 4); // a single hit can be told from none
  return `<svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true"><rect width="${percent.toFixed(1)}" height="1"/></svg>`;
}

/**
 * The icon before a name. Icons are masks in the style (style.ts), not elements: a row needs one class, and
 * they fit any colour scheme. Class names are short, because every row has one.
 */
export type IconName =
  | "dir"
  | "file"
  | "page"
  | "text"
  | "img"
  | "code"
  | "zip"
  | "av"
  | "up"
  | "home"
  | "eye"
  | "down"
  | "seek";

const SHEET =
  '<path d="M14 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8z"/><path d="M14 3v5h5"/>';

/** Line drawings on a grid of 24. */
const ICON_PATHS: Readonly<Record<IconName, string>> = {
  dir: '<path fill="#000" d="M3 6.5A1.5 1.5 0 0 1 4.5 5h4.6a2 2 0 0 1 1.5.700L12 7.5h7.5A1.5 1.5 0 0 1 21 9v8.5a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17.5z"/>',
  file: SHEET,
  page: '<circle cx="12" cy="12" r="9"/><path d="M3 12h18M12 3c3 2.5 3.8 6 3.8 9s-.8 6.5-3.8 9c-3-2.5-3.8-6-3.8-9s.8-6.5 3.8-9z"/>',
  text: `${SHEET}<path d="M9 13h6M9 17h4"/>`,
  img: '<rect x="3.5" y="4" width="17" height="16" rx="2"/><circle cx="9" cy="9.5" r="1.5"/><path d="m4 17.5 4.8-4.5 3.5 3 3.2-3.5 5 5"/>',
  code: '<path d="m8 7-5 5 5 5M16 7l5 5-5 5M13.5 5l-3 14"/>',
  zip: '<path d="M4 8v10.5A1.5 1.5 0 0 0 5.5 20h13a1.5 1.5 0 0 0 1.5-1.5V8"/><rect x="3" y="4" width="18" height="4" rx="1"/><path d="M10 12h4"/>',
  av: '<rect x="3.5" y="4" width="17" height="16" rx="2"/><path d="m10 9 5 3-5 3z"/>',
  up: '<path d="M9 14 4.5 9.5 9 5"/><path d="M4.5 9.5H14a5 5 0 0 1 5 5V19"/>',
  eye: '<path d="M2.5 12C4.5 8 8 5.5 12 5.5s7.5 2.5 9.5 6.5c-2 4-5.5 6.5-9.5 6.5S4.5 16 2.5 12z"/><circle cx="12" cy="12" r="3"/>',
  down: '<path d="M12 4v11M7.5 10.8l4.5 4.5 4.5-4.5M4.5 19.5h15"/>',
  seek: '<circle cx="10.5" cy="10.5" r="6.5"/><path d="m15.5 15.5 5 5"/>',
  home: '<path d="m3.5 11 8.5-7 8.5 7"/><path d="M6 9.5V19a1 1 0 0 0 1 1h10a1 1 0 0 0 1-1V9.5"/>',
};

const EXTENSIONS: readonly (readonly [IconName, string])[] = [
  ["page", "html htm xhtml"],
  ["text", "pdf txt md doc docx odt rtf tex epub csv tsv xls xlsx ods ppt pptx odp log"],
  ["img", "png jpg jpeg gif svg webp avif ico bmp tif tiff heic jxl"],
  [
    "code",
    "js mjs cjs ts tsx jsx json css py c h cc cpp hpp rs go java kt rb php sh yaml yml toml xml sql ipynb",
  ],
  ["zip", "zip gz tgz xz zst bz2 7z rar tar jar deb rpm iso"],
  ["av", "mp3 flac ogg opus wav m4a aac mp4 webm mkv mov avi m4v ogv"],
];

const ICON_BY_EXTENSION: ReadonlyMap<string, IconName> = new Map(
  EXTENSIONS.flatMap(([icon, extensions]) =>
    extensions.split(" ").map((extension) => [extension, icon] as const),
  ),
);

/** Pictures that every browser shows in an `img`. */
const PICTURE_EXTENSIONS: ReadonlySet<string> = new Set(
  "png jpg jpeg gif webp avif svg ico bmp".split(" "),
);

const EXTENSION_LENGTH_MAX = 5;

/** In lower case. Empty where the name has none, or a longer one than any that we know. */
function readExtension(byteName: string): string {
  const dotIndex = byteName.lastIndexOf(".");
  if (dotIndex < 0 || byteName.length - dotIndex - 1 > EXTENSION_LENGTH_MAX) return "";
  return byteName.slice(dotIndex + 1).toLowerCase();
}

export function decideIcon({ kind, byteName }: DirectoryEntry): IconName {
  if (kind === "directory") return "dir";
  return ICON_BY_EXTENSION.get(readExtension(byteName)) ?? "file";
}

/** Whether browsers show the file as a picture, judged by its name. */
export function isShownAsPicture({ kind, byteName }: DirectoryEntry): boolean {
  return kind === "file" && PICTURE_EXTENSIONS.has(readExtension(byteName));
}

/** One rule for each icon: `.dir{--i:url("data:…")}`. */
export function formatIconRules(): string {
  return Object.entries(ICON_PATHS)
    .map(([name, paths]) => {
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#000" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round">${paths}</svg>`;
      return `.${name}{--i:url("${formatSvgDataUrl(svg)}")}`;
    })
    .join("");
}

const UNITS = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/** `17 B`, `1.2 KiB`, `340 MiB`: three digits or two and a fraction, never 1024 of a unit. */
export function formatSize(sizeBytes: number): string {
  if (sizeBytes < 1024) return `${sizeBytes} B`;
  let amount = sizeBytes;
  let text = "";
  for (const unit of UNITS) {
    amount /= 1024;
    text = `${amount.toFixed(amount < 99.95 ? 1 : 0)} ${unit}`;
    if (amount < 1023.5) break; // from here on it would be rounded to 1024
  }
  return text;
}

/** `1,234,567`, whatever the locale. */
export function formatGrouped(count: number): string {
  let first = String(count);
  let others = "";
  while (first.length > 3) {
    others = `,${first.slice(-3)}${others}`;
    first = first.slice(0, -3);
  }
  return first + others;
}

export function formatCount(count: number, one: string, many: string): string {
  return `${formatGrouped(count)} ${count === 1 ? one : many}`;
}

const MINUTE_MS = 60 * 1000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const DATE_MS_MAX = 8.64e15; // ECMA-262 §21.4.1.1
const TWO_DIGITS = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, "0"));

/** The day that was formatted last: the files of a folder share few days. */
const lastDay = { day: Number.NaN, date: "" };

/** `2026-11-23T`, from the number of days since 1970. */
function formatDay(day: number): string {
  if (day !== lastDay.day) {
    const isoDate = new Date(day * DAY_MS).toISOString();
    lastDay.date = isoDate.slice(0, isoDate.indexOf("T") + 1);
    lastDay.day = day;
  }
  return lastDay.date;
}

/**
 * ISO 8601 in UTC. File systems can hold times that Date cannot: those become the nearest that it can. This
 * is five times as fast as Date, which would be a third of the work for a row.
 */
export function formatModified(modifiedMs: number): string {
  const heldMs = Math.min(Math.max(Math.trunc(modifiedMs), -DATE_MS_MAX), DATE_MS_MAX) || 0;
  const day = Math.floor(heldMs / DAY_MS);
  const ofDayMs = heldMs - day * DAY_MS;
  const seconds = Math.floor(ofDayMs / 1000);
  const minutes = Math.floor(seconds / 60);
  const ms = String(ofDayMs % 1000).padStart(3, "0");
  return `${formatDay(day)}${TWO_DIGITS[Math.floor(minutes / 60)]}:${TWO_DIGITS[minutes % 60]}:${TWO_DIGITS[seconds % 60]}.${ms}Z`;
}

const TIME_LENGTH = "15:00:00.000Z".length;

/** `2026-11-23 15:00:59 UTC` from `2026-11-23T15:00:59.000Z`. */
export function formatExactTime(isoDate: string): string {
  const timeStart = isoDate.length - TIME_LENGTH;
  return `${isoDate.slice(0, timeStart - 1)} ${isoDate.slice(timeStart, timeStart + "15:00:59".length)} UTC`;
}

/** The mean of the Gregorian calendar: 365.2425 days, and a twelfth of them. */
const YEAR_MS = 365.2425 * DAY_MS;
const MONTH_MS = YEAR_MS / 12;

/**
 * How long ago a file was changed, in words: `5 minutes ago`, `yesterday`, `in 3 hours`. Only whole units
 * count.
 */
export function formatRelativeTime(timeMs: number, nowMs: number): string {
  const passedMs = nowMs - timeMs;
  const awayMs = Math.abs(passedMs);
  // A clock that is a little ahead is nothing to report, nor is a time that is no number.
  if (!(awayMs >= MINUTE_MS)) return "just now";
  const isPast = passedMs > 0;
  if (awayMs < HOUR_MS) return formatUnits(awayMs, MINUTE_MS, "minute", isPast);
  if (awayMs < DAY_MS) return formatUnits(awayMs, HOUR_MS, "hour", isPast);
  if (awayMs < 2 * DAY_MS) return isPast ? "yesterday" : "tomorrow";
  if (awayMs < MONTH_MS) return formatUnits(awayMs, DAY_MS, "day", isPast);
  if (awayMs < YEAR_MS) return formatUnits(awayMs, MONTH_MS, "month", isPast);
  return formatUnits(awayMs, YEAR_MS, "year", isPast);
}

function formatUnits(awayMs: number, unitMs: number, unit: string, isPast: boolean): string {
  const count = Math.floor(awayMs / unitMs);
  const units = count === 1 ? `1 ${unit}` : `${count} ${unit}s`;
  return isPast ? `${units} ago` : `in ${units}`;
}
