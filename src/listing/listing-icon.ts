// Which picture stands before a name, and the pictures. Pure. Called by listing-html.ts and
// listing-style.ts. They are masks in the style, not elements: one class a row, any colour scheme.

import { formatSvgDataUrl } from "../http/page-style.ts";
import type { DirectoryEntry } from "./listing-entry.ts";

/** Short, because each stands in every row of its kind. */
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

/** Drawn by line on a grid of 24. */
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

/** What every browser shows in an `img`; the other pictures are for programs of their own. */
const PICTURE_EXTENSIONS: ReadonlySet<string> = new Set(
  "png jpg jpeg gif webp avif svg ico bmp".split(" "),
);

const EXTENSION_LENGTH_MAX = 5;

/** In lower case; empty where there is none, or one longer than any that is known. */
function readExtension(byteName: string): string {
  const dotIndex = byteName.lastIndexOf(".");
  if (dotIndex < 0 || byteName.length - dotIndex - 1 > EXTENSION_LENGTH_MAX) return "";
  return byteName.slice(dotIndex + 1).toLowerCase();
}

export function decideIcon({ kind, byteName }: DirectoryEntry): IconName {
  if (kind === "directory") return "dir";
  return ICON_BY_EXTENSION.get(readExtension(byteName)) ?? "file";
}

/** Whether browsers show the file as a picture, going by its name. */
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
