// The figures of `npm run shape` as a table for a terminal: those of the tree before the rooms, those of the
// tree now, and the aim. Pure.

import { formatTable } from "../../src/base/figure-text.ts";
import type { RequestCalls } from "./request-calls.ts";
import type { RoomSizes, TreeShape } from "./tree-shape.ts";

export interface Shape extends TreeShape {
  readonly rooms: readonly RoomSizes[];
  /** Absent where no server was asked. */
  readonly requests?: { readonly cold: RequestCalls; readonly hot: RequestCalls };
}

interface Figure {
  readonly name: string;
  /** At the commit of BEFORE. */
  readonly before: number;
  readonly aim: string;
  readonly now: (shape: Shape) => number | undefined;
}

/** The last commit before the rooms; `--root` with a checkout of it gives these figures. */
export const BEFORE = "4bef315";

const FIGURES: readonly Figure[] = [
  { name: "source files", before: 324, aim: "", now: ({ files }) => files.count },
  { name: "  lines in all", before: 29465, aim: "", now: ({ files }) => files.lines },
  { name: "  lines, median", before: 72, aim: "", now: ({ files }) => files.medianLines },
  { name: "  lines of the longest", before: 358, aim: "<= 400", now: (s) => s.longestFile.lines },
  {
    name: "files of the server itself",
    before: 205,
    aim: "about 110",
    now: ({ serverFiles }) => serverFiles.count,
  },
  { name: "  lines in all", before: 18771, aim: "", now: (s) => s.serverFiles.lines },
  {
    name: "  lines, median",
    before: 72,
    aim: "130-200",
    now: ({ serverFiles }) => serverFiles.medianLines,
  },
  {
    name: "files with exactly one importer",
    before: 133,
    aim: "",
    now: (s) => s.filesWithOneImporter.length,
  },
  { name: "files under 25 lines", before: 29, aim: "about 4", now: (s) => s.tinyFiles.length },
  { name: "import cycles", before: 0, aim: "0", now: (s) => s.importCycles.length },
  { name: "functions", before: 2654, aim: "", now: ({ functions }) => functions.count },
  { name: "  lines, median", before: 4, aim: "", now: ({ functions }) => functions.medianLines },
  { name: "  lines of the longest", before: 66, aim: "<= 70", now: (s) => s.longestFunction.lines },
  {
    name: "  async without a wait",
    before: 17,
    aim: "0",
    now: (s) => s.asyncWithoutWait.length,
  },
  { name: "files and functions too long", before: 0, aim: "0", now: (s) => s.oversized.length },
  { name: "cold GET: files", before: 50, aim: "< 30", now: (s) => s.requests?.cold.files },
  { name: "  functions", before: 177, aim: "< 110", now: (s) => s.requests?.cold.functions },
  { name: "  calls", before: 270, aim: "", now: (s) => s.requests?.cold.calls },
  { name: "hot GET: files", before: 26, aim: "< 14", now: (s) => s.requests?.hot.files },
  { name: "  functions", before: 69, aim: "< 40", now: (s) => s.requests?.hot.functions },
  { name: "  calls", before: 77, aim: "", now: (s) => s.requests?.hot.calls },
  {
    name: "files that name a boolean flag, median",
    before: 7,
    aim: "2",
    now: (s) => s.medianFlagPlaces,
  },
  {
    name: "\\r\\n outside the engine",
    before: 45,
    aim: "0",
    now: ({ lineEnds }) => Object.values(lineEnds).reduce((sum, count) => sum + count, 0),
  },
];

/** A longer line is broken by the formatter (biome.json). */
const LINE_CHARACTERS_MAX = 100;

/** Both tables, with an empty line between them and a line end at the end. */
export function formatShape(shape: Shape): string {
  const figures = FIGURES.map(({ name, before, aim, now }) => [
    name,
    formatNumber(before),
    formatNumber(now(shape)),
    aim,
  ]);
  const rooms = shape.rooms.map(({ room, sizes, longestLines, faceFiles }) => [
    room,
    formatNumber(sizes.count),
    formatNumber(sizes.lines),
    formatNumber(sizes.medianLines),
    formatNumber(longestLines),
    formatNumber(faceFiles.length),
  ]);
  return [
    ...formatTable([["", BEFORE, "now", "aim"], ...figures]),
    "",
    ...formatTable([["room", "files", "lines", "median", "longest", "face"], ...rooms]),
    "",
  ].join("\n");
}

/** The entries of FACES in test/rules/faces.ts, as the formatter of the repository writes them. */
export function formatFaces(rooms: readonly RoomSizes[]): string {
  return rooms
    .map(({ room, faceFiles }) => {
      const key = /^\w+$/.test(room) ? room : JSON.stringify(room);
      const names = faceFiles
        .map((path) => path.slice(`src/${room}/`.length).replace(/\.ts$/, ""))
        .map((name) => JSON.stringify(name));
      const line = `  ${key}: [${names.join(", ")}],\n`;
      if (line.trimEnd().length <= LINE_CHARACTERS_MAX) return line;
      return `  ${key}: [\n${names.map((name) => `    ${name},\n`).join("")}  ],\n`;
    })
    .join("");
}

function formatNumber(value: number | undefined): string {
  return value === undefined ? "-" : value.toLocaleString("en-GB");
}
