// Breaks valid requests in the ways in which attackers and broken clients do: bytes, lines, numbers,
// line ends, and fields on which the reading of a message depends. Pure but for the numbers drawn.

import type { RandomNumbers } from "./random-numbers.ts";

const HOST = "Host: weir.test\r\n";
const SECOND = `GET /second HTTP/1.1\r\n${HOST}\r\n`;

/** Valid, and each with a request behind it: a misread length shows in how that one is seen. */
const VALID: readonly string[] = [
  `GET / HTTP/1.1\r\n${HOST}\r\n`,
  `HEAD /a%20b?c=d&e HTTP/1.1\r\n${HOST}Accept: */*;q=0.5\r\nUser-Agent: a (b) "c"\r\n\r\n`,
  `GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`,
  `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`,
  `GET http://weir.test:80/a HTTP/1.1\r\n${HOST}Range: bytes=0-5\r\n\r\n`,
  `POST /a HTTP/1.1\r\n${HOST}Content-Length: 11\r\n\r\nhello=world`,
  `POST /a HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
  `PUT /a HTTP/1.1\r\n${HOST}Expect: 100-continue\r\nContent-Length: 2\r\n\r\nhi`,
  `POST /a HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 40\r\n\r\n${SECOND.slice(0, 40)}`,
  `CONNECT weir.test:443 HTTP/1.1\r\n${HOST}\r\n`,
  `GET /a HTTP/1.1\r\n${HOST}Connection: close\r\nContent-Length: 0\r\n\r\n`,
  `\r\nGET /a HTTP/1.1\r\n${HOST}If-None-Match: "a", W/"b"\r\n\r\n`,
].map((request) => request + SECOND);

const BYTES: readonly string[] = [
  ...'\r\n\t \0\x0b\x0c\x1b\x7f\x80\xa0\xff:;,/?#%@[]()<>"\\{}=*+-_.0159aAzZ',
];
const LINE_ENDS: readonly string[] = [
  "\n",
  "\r",
  "\r\r\n",
  "\n\r",
  "\r\n\r\n",
  "\r\n ",
  "\r\n\t",
  "",
];
const LINES: readonly string[] = [
  "Content-Length: 5",
  "Content-Length: 0",
  "Content-Length: +5",
  "Content-Length: 5, 5",
  "Content-Length : 5",
  "Content-Length:5 ",
  "Content-Length: 0x5",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: identity",
  "Transfer-Encoding: chunked, identity",
  "Transfer-Encoding: gzip, chunked",
  "Transfer-Encoding : chunked",
  "Transfer-Encoding: \x0bchunked",
  "Transfer-Encoding",
  "Connection: close",
  "Connection: keep-alive",
  "Connection: Transfer-Encoding",
  "Upgrade: h2c",
  "Host: other.test",
  "Host: a b",
  " folded",
  "\tfolded: x",
  ": empty",
  "X(Y): z",
  "X: \xe4\xf6",
];
const NUMBERS: readonly string[] = ["0", "1", "00", "-1", "999999999999999999999", "1.1", "1e3"];

type Mutation = (text: string, random: RandomNumbers) => string;

function splice(text: string, at: number, deleted: number, added: string): string {
  return text.slice(0, at) + added + text.slice(at + deleted);
}

/** Where a match begins and how long it is; undefined when there is none. */
function chooseMatch(text: string, pattern: RegExp, random: RandomNumbers) {
  const matches = Array.from(text.matchAll(pattern), ({ 0: found, index }) => ({
    at: index,
    length: found.length,
    found,
  }));
  return matches.length === 0 ? undefined : random.oneOf(matches);
}

function replaceMatch(
  text: string,
  pattern: RegExp,
  random: RandomNumbers,
  replace: (found: string) => string,
): string {
  const match = chooseMatch(text, pattern, random);
  return match === undefined ? text : splice(text, match.at, match.length, replace(match.found));
}

const LINE = /[^\r\n]*\r\n/g;

const MUTATIONS: readonly Mutation[] = [
  (text, random) => splice(text, random.below(text.length + 1), 0, random.oneOf(BYTES)),
  (text, random) => splice(text, random.below(text.length), 1, ""),
  (text, random) => splice(text, random.below(text.length), 1, random.oneOf(BYTES)),
  (text, random) =>
    splice(text, random.below(text.length), 1, String.fromCharCode(random.below(256))),
  (text, random) => {
    const at = random.below(text.length);
    return splice(text, at, 0, text.charAt(at));
  },
  (text, random) => replaceMatch(text, LINE, random, () => ""),
  (text, random) => replaceMatch(text, LINE, random, (line) => line + line),
  (text, random) => replaceMatch(text, LINE, random, (line) => `${random.oneOf(LINES)}\r\n${line}`),
  (text, random) => replaceMatch(text, LINE, random, (line) => `${line}${random.oneOf(LINES)}\r\n`),
  (text, random) => replaceMatch(text, /\r\n/g, random, () => random.oneOf(LINE_ENDS)),
  (text, random) => replaceMatch(text, / /g, random, () => random.oneOf(["  ", "\t", "", "\x0b"])),
  (text, random) => replaceMatch(text, /:/g, random, () => random.oneOf([" :", "::", "\t:", ""])),
  (text, random) => replaceMatch(text, /\d+/g, random, () => random.oneOf(NUMBERS)),
  (text, random) =>
    replaceMatch(text, /HTTP\/1\.\d/g, random, (version) =>
      random.oneOf(["HTTP/1.0", "HTTP/2.0", "HTTP/1", "http/1.1", "", `${version} `, "HTTP/1.1x"]),
    ),
  (text, random) =>
    replaceMatch(text, /^[A-Z]+/gm, random, () =>
      random.oneOf(["GET", "POST", "HEAD", "DELETE", "get", "G@T", "GET ", "TRACE", "PRI"]),
    ),
];

const MUTATIONS_MAX = 3;

/** One valid request, another behind it, and one to three things about them changed. */
export function makeBrokenRequest(random: RandomNumbers): string {
  let text = random.oneOf(VALID);
  for (let left = 1 + random.below(MUTATIONS_MAX); left > 0; left--) {
    text = random.oneOf(MUTATIONS)(text, random);
  }
  return text;
}
