// The rooms of src/ (docs/ARCHITECTURE.md) as data: which rooms there are, which may know which, and which of
// them no request to a server meets. The rules of imports and `npm run shape` read it; a folder that is added
// or renamed has to be added or renamed here too.

/**
 * From the bottom up. A room imports from lower lines only, never from another room of its own line. A folder
 * in a room belongs to the room, unless the order names it by its path (`site/file`).
 */
export const ROOM_ORDER: readonly (readonly string[])[] = [
  ["base"],
  ["config", "memory", "kernel", "http", "log"],
  ["page"],
  ["metrics", "limit", "hits"],
  ["clients"],
  ["transport"],
  ["http1", "http2"],
  ["site"],
  ["fleet"],
  ["admin"],
  ["request"],
  ["serve", "load", "get"],
  ["lab"],
  ["cli"],
  ["commands"],
];

/**
 * A command lives with what it drives and needs the flag machine as well. So the files of commands
 * (`load/command.ts`, `load/command-args.ts`) have a place of their own above all rooms, and so have the two
 * files of src/cli that choose a command.
 */
const COMMAND_FILE =
  /^src\/(?!cli\/).+\/command(-[a-z]+)?(\.test)?\.ts$|^src\/cli\/(main|command-list)(\.test)?\.ts$/;

/** The rooms that see the whole configuration; the others are handed single values. */
export const CONFIG_READERS: readonly string[] = [
  "site",
  "serve",
  "load",
  "get",
  "lab",
  "cli",
  "commands",
];

/** The only rooms that make the system's own calls (node:ffi). */
export const KERNEL_ROOMS: readonly string[] = ["kernel"];

/** The engines of the protocol whose lines end in CR LF. */
const ENGINE_ROOMS: readonly string[] = ["http1"];

/** Files of other formats whose lines end in CR LF, and of programs that speak HTTP themselves. */
export const LINE_END_FORMATS: Readonly<Record<string, string>> = {
  "src/hits/export.ts": "CSV, RFC 4180 §2",
  "src/site/file/ranges.ts": "multipart/byteranges, RFC 2046 §5.1.1",
  "src/transport/proxy-protocol.ts": "the PROXY protocol, which comes before HTTP",
  "src/load/plan.ts": "the load client writes its own requests",
  "src/load/response-parser.ts": "the load client reads answers as they are",
};

/** The programs beside the server: a request never meets what they hold. */
const ROOMS_BESIDE_SERVER: readonly string[] = ["load", "lab", "get"];

const ROOMS: ReadonlySet<string> = new Set(ROOM_ORDER.flat());

/** The room of a file of src/, or its folder where the order has no such room; "" outside src/. */
export function roomOf(path: string): string {
  const [first, ...names] = path.split("/");
  if (first !== "src" || names.length < 2) return "";
  for (let count = names.length - 1; count > 1; count--) {
    const room = names.slice(0, count).join("/");
    if (ROOMS.has(room)) return room;
  }
  return names[0]!;
}

/** The place of a file in the order of imports: its room, or `commands`. */
export function placeOf(path: string): string {
  return COMMAND_FILE.test(path) ? "commands" : roomOf(path);
}

/** Whether a file belongs to the server itself, and not to a program beside it. */
export function isServerFile(path: string): boolean {
  const room = roomOf(path);
  return room !== "" && !ROOMS_BESIDE_SERVER.includes(room);
}

/** Whether a file may end lines with CR LF: an engine does, and so do the other formats with such lines. */
export function mayEndLines(path: string): boolean {
  return ENGINE_ROOMS.includes(roomOf(path)) || path in LINE_END_FORMATS;
}
