// Requests that fill the 16 KiB of fields, or the 8 KiB of a request line, with what some part of weir
// reads. Used by the test of what they cost (test/cost/stranger-cost.test.ts) and by the script that prints
// the real ratios (main.ts).

/** A request head, in the parts that differ. */
export interface CostlyRequest {
  readonly name: string;
  readonly target?: string;
  readonly method?: string;
  /** Field lines without Host and without line ends. */
  readonly fields?: readonly string[];
}

/** Room for the other fields beside the long one, below the 16 KiB that a head may have. */
const FIELD_CHARS = 15_900;
/** A request line has 8 KiB at most, method and version among it. */
const TARGET_CHARS = 8_100;

/** `piece` again and again, whole, up to `length` characters. */
export function fill(piece: string, length: number = FIELD_CHARS): string {
  return piece.repeat(Math.floor(length / piece.length));
}

const field = (name: string, piece: string, begin = "", end = ""): CostlyRequest => ({
  name: `${name}: ${begin}${piece.trim()}…${end}`,
  fields: [`${name}: ${begin}${fill(piece, FIELD_CHARS - begin.length - end.length)}${end}`],
});

const target = (piece: string, begin = "/", end = ""): CostlyRequest => ({
  name: `${begin}${piece}…${end}`,
  target: begin + fill(piece, TARGET_CHARS - begin.length - end.length) + end,
});

/** What everything is compared with: the fields of a browser. */
export const SHORT_REQUEST: CostlyRequest = {
  name: "short",
  fields: [
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Encoding: gzip, deflate, br, zstd",
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/147.0",
  ],
};

/** No server reads this one: what its bytes cost by themselves. */
export const UNREAD_REQUEST: CostlyRequest = field("X-Unread", "a/b,");

export const COSTLY_REQUESTS: readonly CostlyRequest[] = [
  field("Accept", "a/b,"),
  field("Accept", ","),
  field("Accept", "a/b;q=0.1,"),
  field("Accept", "text/html;q=0,"),
  field("Accept", 'a/b;c="\\",",', "", "application/json"),
  field("Accept", ";"),
  field("Accept", '"'),
  field("Accept", " "),
  {
    name: "100 Accept lines",
    fields: Array.from({ length: 98 }, () => `Accept: ${fill("a/b,", 150)}`),
  },
  field("Accept-Encoding", "gzip,"),
  field("Accept-Encoding", "a;q=0.1 ,"),
  field("If-None-Match", '"",'),
  field("If-None-Match", 'W/"a",'),
  field("If-Match", '"a" ,'),
  field("If-Modified-Since", "Sun, 06 Nov 1994 "),
  field("Range", "0-1,", "bytes="),
  field("Range", ",", "bytes="),
  field("Range", "0", "bytes="),
  field("Referer", "\xff"),
  field("Referer", '"'),
  field("User-Agent", "\\"),
  field("User-Agent", "\t"),
  field("Forwarded", "for=127.0.0.1,", "", "for=127.0.0.1"),
  field("Forwarded", '\\"', 'for="'),
  field("Forwarded", ";"),
  field("X-Forwarded-Prefix", "/", "", "a"),
  field("X-Forwarded-Prefix", " ,"),
  field("Connection", "a,"),
  field("X-Forwarded-For", "127.0.0.1,", "", "127.0.0.1"),
  field("X-Forwarded-For", ","),
  field("X-Forwarded-For", " "),
  target("&a", "/?"),
  target("&", "/?"),
  target("format=", "/?"),
  target("&sort=size", "/?"),
  target("sort=%73ize&", "/?"),
  target("%41", "/"),
  target("%22", "/"),
  target('"', "/"),
  target("\\", "/?"),
  target("a/../", "/"),
  target("./", "/"),
  target("a/", "/"),
];

/** The whole head, one character a byte. */
export function formatHead(request: CostlyRequest): string {
  const { method = "GET", target: path = "/", fields = [] } = request;
  const lines = [`${method} ${path} HTTP/1.1`, "Host: weir.test", ...fields];
  return `${lines.join("\r\n")}\r\n\r\n`;
}
