// The rooms of src/ (docs/ARCHITECTURE.md) as data: which there are, which may know which, and which of them
// are not on the way of a server. Read by the rules of imports and by `npm run shape`; a folder that is
// added or renamed has to be added or renamed here too.

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

/** Those that see what the user has configured; the other rooms are handed single values. */
export const CONFIG_READERS: readonly string[] = [
  "site",
  "serve",
  "load",
  "get",
  "lab",
  "cli",
  "commands",
];

/** Only they make the system's own calls. */
export const KERNEL_ROOMS: readonly string[] = ["kernel"];

/** The engines of the protocol whose lines end in CR LF. */
const ENGINE_ROOMS: readonly string[] = ["http1"];

/** Formats other than HTTP's messages whose lines end in CR LF, and programs that speak HTTP themselves. */
const LINE_END_FORMATS: readonly { readonly file: RegExp; readonly reason: string }[] = [
  { file: /^src\/hits\/export\.ts$/, reason: "CSV, RFC 4180 §2" },
  { file: /\/(?:multipart-source|ranges)\.ts$/, reason: "multipart/byteranges, RFC 2046 §5.1.1" },
  { file: /\/proxy-protocol\.ts$/, reason: "the PROXY protocol, which comes before HTTP" },
  { file: /^src\/load\/plan\.ts$/, reason: "the load client writes its own requests" },
  { file: /^src\/load\/response-parser\.ts$/, reason: "the load client reads answers as they are" },
];

/** The programs beside the server: a request never meets what they hold. */
const ROOMS_BESIDE_SERVER: readonly string[] = ["load", "lab", "get", "report", "stats"];

/**
 * The folders that the move into rooms takes apart, with the rooms that their files go to. To be deleted, with
 * all below that is called OLD, when none of them is left.
 */
export const OLD_FOLDERS: Readonly<Record<string, readonly string[]>> = {
  "access-log": ["log"],
  files: ["site"],
  http: ["http", "http1", "page", "transport", "clients"],
  limit: ["limit", "clients"],
  listing: ["site"],
  report: ["load", "lab", "commands"],
  server: ["serve", "request", "clients", "transport", "site", "log"],
  "shared-memory": ["memory"],
  stats: ["base"],
  store: ["fleet"],
};
/** What holds between folders that are both as they were before the move. */
export const OLD_ORDER: readonly (readonly string[])[] = [
  ["base"],
  ["stats", "shared-memory", "http"],
  ["transport"],
  ["files", "listing", "hits", "limit", "access-log", "metrics"],
  ["admin", "store"],
  ["server", "load", "get"],
  ["lab"],
  ["report"],
  ["cli"],
];
const OLD_FILES_BESIDE_SERVER =
  /^src\/cli\/(?:load-|lab-|compare-|get-|download|body-queue|continuation|part-file|saved-file|transfer|client-flags|target-url|result-file)/;
/** Until there is a folder of the engine alone. */
const OLD_ENGINE_ROOM = "http";

const ROOMS: ReadonlySet<string> = new Set(ROOM_ORDER.flat());

/** The room of a file of src/: one of the order, or its folder where that is none; "" outside of src/. */
export function roomOf(path: string): string {
  const [first, ...names] = path.split("/");
  if (first !== "src" || names.length < 2) return "";
  for (let count = names.length - 1; count > 1; count--) {
    const room = names.slice(0, count).join("/");
    if (ROOMS.has(room)) return room;
  }
  return names[0]!;
}

/** What stands for a file in the order of imports: its room, or `commands`. */
export function placeOf(path: string): string {
  return COMMAND_FILE.test(path) ? "commands" : roomOf(path);
}

/** Whether a file is of the server itself, and not of a program beside it. */
export function isServerFile(path: string): boolean {
  const room = roomOf(path);
  if (room === "" || OLD_FILES_BESIDE_SERVER.test(path)) return false;
  return !ROOMS_BESIDE_SERVER.includes(room);
}

/**
 * Tells the files that may end lines with CR LF: those of the engines, which before the move share a folder
 * with the words of HTTP, and those of other formats.
 */
export function findLineEnders(paths: readonly string[]): (path: string) => boolean {
  const hasEngine = paths.some((path) => ENGINE_ROOMS.includes(roomOf(path)));
  const rooms = hasEngine ? ENGINE_ROOMS : [OLD_ENGINE_ROOM];
  return (path) =>
    rooms.includes(roomOf(path)) || LINE_END_FORMATS.some(({ file }) => file.test(path));
}
