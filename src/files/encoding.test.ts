import assert from "node:assert/strict";
import { test } from "node:test";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import {
  acceptedCodings,
  CODINGS,
  type CodableFile,
  CodedFiles,
  type ContentCoding,
  ENTRY_BYTES,
  gainsFromCoding,
} from "./encoding.ts";

/** Accept-Encoding, and what may be sent, best first. */
const FIELDS: readonly (readonly [string | undefined, string])[] = [
  // RFC 9110 §12.5.3: without the field any coding is allowed, but none is needed.
  [undefined, "identity"],
  ["", "identity"],
  ["identity", "identity"],
  ["gzip", "gzip identity"],
  ["br", "br identity"],
  ["zstd", "zstd identity"],
  ["GZip", "gzip identity"],
  // Among equals the order is ours.
  ["gzip, zstd, br", "br zstd gzip identity"],
  ["gzip, deflate, br, zstd", "br zstd gzip identity"],
  ["zstd;q=0.7, gzip;q=0.7", "zstd gzip identity"],
  ["gzip,identity", "gzip identity"],
  // Otherwise it is the client's.
  ["gzip;q=0.5, br;q=0.1", "gzip br identity"],
  ["br;q=0.1, gzip;q=0.5, zstd;q=0.3", "gzip zstd br identity"],
  ["gzip;q=0.5, br", "br gzip identity"],
  ["gzip ; Q=0.5 ,br;q=1.000", "br gzip identity"],
  ["identity, gzip;q=0.5", "identity gzip"],
  ["identity;q=0.5, gzip;q=0.4, br;q=0.6", "br identity gzip"],
  // Refused.
  ["br;q=0", "identity"],
  ["br;q=0.000, gzip", "gzip identity"],
  ["gzip;q=0", "identity"],
  ["*", "br zstd gzip identity"],
  ["*, br;q=0", "zstd gzip identity"],
  ["*;q=0", ""],
  ["*;q=0, gzip", "gzip"],
  ["*;q=0, identity", "identity"],
  ["gzip, *;q=0", "gzip"],
  ["identity;q=0", ""],
  ["identity;q=0, br", "br"],
  ["identity;q=0, gzip;q=0.1, br;q=0", "gzip"],
  ["identity;q=0, *", "br zstd gzip"],
  // Unknown.
  ["x-gzip", "identity"],
  ["deflate, compress", "identity"],
  ["deflate;q=0", "identity"],
  ["__proto__, constructor", "identity"],
  // Empty elements of a list mean nothing (§5.6.1.2).
  [",,", "identity"],
  [", gzip,,br ,", "br gzip identity"],
  // Malformed: it says nothing.
  ["gzip;q=-1", "identity"],
  ["gzip;q=2", "identity"],
  ["gzip;q=1.001", "identity"],
  ["gzip;q=0.0001", "identity"],
  ["gzip;q=abc", "identity"],
  ["gzip;q=", "identity"],
  ["gzip;q", "identity"],
  ["gzip;level=9", "identity"],
  ["gzip;q=1;q=0", "identity"],
  ["gzip;;q=1", "identity"],
  ["gzip br", "identity"],
  [";q=1", "identity"],
  ['"gzip"', "identity"],
  ["identity;q=-1, gzip", "identity"],
  ["gzip\u00e9", "identity"],
];

for (const [field, expected] of FIELDS) {
  const what = field === undefined ? "no Accept-Encoding" : `Accept-Encoding: [${field}]`;
  test(`RFC 9110 §12.5.3: ${what} takes ${expected || "nothing"}`, () => {
    assert.equal(acceptedCodings(field).join(" "), expected);
  });
}

// A pattern that tries the same blanks again and again would never get through these.
for (const piece of ["gzip,", "a;q=0.1 ,", " ,\t", "a ; q=0 ", "gzip;q=1", "a\t;"]) {
  test(`16 KiB of [${piece}] and what is malformed take the bytes as they are`, () => {
    const field = `${piece.repeat(16_384 / piece.length)}!"`;
    assert.deepEqual(acceptedCodings(field), ["identity"]);
  });
}

const TYPES: readonly (readonly [string, boolean])[] = [
  ["text/html; charset=utf-8", true],
  ["text/plain; charset=utf-8", true],
  ["text/css", true],
  ["text/javascript; charset=utf-8", true],
  ["application/json", true],
  ["application/ld+json", true],
  ["application/xhtml+xml", true],
  ["application/wasm", true],
  ["image/svg+xml", true],
  ["font/ttf", true],
  ["image/png", false],
  ["image/jpeg", false],
  ["video/mp4", false],
  ["application/pdf", false],
  ["application/gzip", false],
  ["application/zip", false],
  ["application/octet-stream", false],
  ["font/woff2", false],
  // Only the type itself counts, not its parameters.
  ["application/octet-stream; like=text/plain+xml", false],
];

for (const [type, gains] of TYPES) {
  test(`${type} ${gains ? "gains" : "does not gain"} from a coding`, () => {
    assert.equal(gainsFromCoding(type), gains);
  });
}

test("a field longer than any that is meant says nothing [gzip and 16 KiB more, identity;q=0]", () => {
  const rest = ", x-a;q=0.5".repeat(1500);
  assert.deepEqual(acceptedCodings(`gzip${rest}`), ["identity"]);
  assert.deepEqual(acceptedCodings(`identity;q=0${rest}`), ["identity"]);
  const atBound = `gzip${", x".repeat(340)}`;
  assert.deepEqual(acceptedCodings(atBound), ["gzip", "identity"]);
});

const DECODE: Readonly<Record<ContentCoding, (bytes: Buffer) => Buffer>> = {
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
  gzip: gunzipSync,
};

/** A file in memory that counts how often its beginning was read, and can be held up. */
class CountedFile implements CodableFile {
  readonly bytes: Buffer;
  readonly sizeBytes: number;
  beginningReads = 0;
  hasChanged = false;
  error: Error | undefined;
  /** At most so many bytes a read. */
  readBytesMax = Number.POSITIVE_INFINITY;
  held: Promise<void> = Promise.resolve();

  constructor(text: string) {
    this.bytes = Buffer.from(text);
    this.sizeBytes = this.bytes.length;
  }

  async read(into: Buffer, position: number): Promise<number> {
    if (position === 0) this.beginningReads++;
    await this.held;
    if (this.error !== undefined) throw this.error;
    return this.bytes.copy(
      into,
      0,
      position,
      Math.min(position + this.readBytesMax, this.sizeBytes),
    );
  }

  isUnchangedNow(): boolean {
    return !this.hasChanged;
  }
}

/** Holds files up until `release` is called. */
function holdUp(...files: CountedFile[]): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const file of files) file.held = promise;
  return resolve;
}

function textOf(seed: string): string {
  return `${seed} `.repeat(2000);
}

for (const coding of CODINGS) {
  test(`a file's bytes in ${coding} are the file's when decoded, also when it is read in pieces`, async () => {
    const file = new CountedFile(textOf("a page"));
    file.readBytesMax = 1000;
    const coded = await new CodedFiles().get(file, "v1", coding);
    assert.ok(coded !== undefined && coded.length < file.sizeBytes);
    assert.ok(DECODE[coding](coded).equals(file.bytes));
  });

  test(`an empty file has bytes in ${coding}, too`, async () => {
    const coded = await new CodedFiles().get(new CountedFile(""), "v1", coding);
    assert.equal(coded && DECODE[coding](coded).length, 0);
  });
}

test("100 requests at once for one new file compress it once", async () => {
  const codedFiles = new CodedFiles();
  const file = new CountedFile(textOf("one"));
  const release = holdUp(file);
  const asked = Array.from({ length: 100 }, () => codedFiles.get(file, "v1", "br"));
  release();
  const results = await Promise.all(asked);
  assert.equal(file.beginningReads, 1);
  assert.ok(results[0] !== undefined && results.every((result) => result === results[0]));
  assert.equal(await codedFiles.get(file, "v1", "br"), results[0]);
  assert.equal(file.beginningReads, 1);
});

test("each version and each coding is compressed for itself", async () => {
  const codedFiles = new CodedFiles();
  const [one, two] = [new CountedFile(textOf("one")), new CountedFile(textOf("two"))];
  const results = await Promise.all([
    codedFiles.get(one, "v1", "br"),
    codedFiles.get(one, "v1", "gzip"),
    codedFiles.get(two, "v2", "br"),
  ]);
  assert.equal(new Set(results.map((result) => result?.toString("latin1"))).size, 3);
  assert.equal(one.beginningReads, 2);
  assert.ok(results[2] && brotliDecompressSync(results[2]).equals(two.bytes));
});

test("what changed while it was read is not compressed, and not kept", async () => {
  const codedFiles = new CodedFiles();
  const file = new CountedFile(textOf("one"));
  file.hasChanged = true;
  const waiting = [codedFiles.get(file, "v1", "br"), codedFiles.get(file, "v1", "br")];
  assert.deepEqual(await Promise.all(waiting), [undefined, undefined]);
  file.hasChanged = false;
  assert.ok((await codedFiles.get(file, "v1", "br")) !== undefined);
});

test("a file that was cut short has no bytes in any coding", async () => {
  const whole = new CountedFile(textOf("one"));
  const cut: CodableFile = {
    sizeBytes: whole.sizeBytes + 1,
    read: (into, position) => whole.read(into, position),
    isUnchangedNow: () => true,
  };
  assert.equal(await new CodedFiles().get(cut, "v1", "gzip"), undefined);
});

test("a file that cannot be read fails for all who wait for it, and is tried again for the next", async () => {
  const codedFiles = new CodedFiles();
  const file = new CountedFile(textOf("one"));
  file.error = new Error("the disk is broken");
  const asked = [codedFiles.get(file, "v1", "br"), codedFiles.get(file, "v1", "br")];
  const outcomes = await Promise.allSettled(asked);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ["rejected", "rejected"],
  );
  file.error = undefined;
  assert.ok((await codedFiles.get(file, "v1", "br")) !== undefined);
});

test("the cache is bounded, and what was not used for longest goes first [room for two]", async () => {
  const files = ["a", "b", "c"].map((seed) => new CountedFile(textOf(seed)));
  const [a, b, c] = files as [CountedFile, CountedFile, CountedFile];
  const one = await new CodedFiles().get(a, "a", "gzip");
  assert.ok(one !== undefined);
  const entryBytes = "gzip a".length + one.length + ENTRY_BYTES;
  const codedFiles = new CodedFiles(2 * entryBytes + 10);
  for (const [file, version] of [
    [a, "a"],
    [b, "b"],
    [a, "a"],
    [c, "c"],
    [a, "a"],
  ] as const) {
    await codedFiles.get(file, version, "gzip");
  }
  assert.deepEqual(
    [a, b, c].map(({ beginningReads }) => beginningReads),
    [2, 1, 1],
  );
  await codedFiles.get(b, "b", "gzip");
  assert.equal(b.beginningReads, 2);
  // Room was made for it by the one that was used before all others.
  await codedFiles.get(a, "a", "gzip");
  await codedFiles.get(c, "c", "gzip");
  assert.deepEqual(
    [a, b, c].map(({ beginningReads }) => beginningReads),
    [2, 2, 2],
  );
});

test("a result larger than the whole cache is handed out, and drives nothing out", async () => {
  const codedFiles = new CodedFiles(ENTRY_BYTES + 200);
  const small = new CountedFile(textOf("a"));
  const large = new CountedFile(Array.from({ length: 3000 }, (_, index) => index).join(" "));
  await codedFiles.get(small, "s", "br");
  for (let turn = 1; turn <= 2; turn++) {
    assert.ok((await codedFiles.get(large, "l", "br")) !== undefined);
    assert.equal(large.beginningReads, turn);
  }
  await codedFiles.get(small, "s", "br");
  assert.equal(small.beginningReads, 1);
});

for (const coding of CODINGS) {
  test(`a result in ${coding} holds no more memory than its own bytes`, async () => {
    const result = await new CodedFiles().get(new CountedFile(textOf("a")), "v1", coding);
    assert.ok(result !== undefined && result.length < 200);
    assert.equal(result.buffer.byteLength, result.length);
  });
}

test("results of almost nothing count, too [50 of them, room for 5 with what belongs to each]", async () => {
  const codedFiles = new CodedFiles(5 * (ENTRY_BYTES + 50));
  const files = Array.from({ length: 50 }, (_, index) => new CountedFile(`${index} `.repeat(9)));
  for (const [index, file] of files.entries()) await codedFiles.get(file, `${index}`, "zstd");
  await codedFiles.get(files[0]!, "0", "zstd");
  await codedFiles.get(files[49]!, "49", "zstd");
  assert.equal(files[0]?.beginningReads, 2);
  assert.equal(files[49]?.beginningReads, 1);
});

test("a ninth file at once is not compressed for who takes it as it is, and waits for who does not", async () => {
  const codedFiles = new CodedFiles();
  const running = Array.from({ length: 8 }, (_, index) => new CountedFile(textOf(`${index}`)));
  const release = holdUp(...running);
  const asked = running.map((file, index) => codedFiles.get(file, `${index}`, "gzip"));
  const ninth = new CountedFile(textOf("ninth"));
  assert.equal(await codedFiles.get(ninth, "ninth", "gzip"), undefined);
  assert.equal(ninth.beginningReads, 0);
  // Who asks for what is being compressed shares it, however many others are.
  const shared = codedFiles.get(running[0]!, "0", "gzip");
  const waiting = [1, 2].map(() => codedFiles.get(ninth, "ninth", "gzip", true));
  release();
  const [first] = await Promise.all(asked);
  assert.equal(await shared, first);
  const [one, other] = await Promise.all(waiting);
  assert.ok(one !== undefined && gunzipSync(one).equals(ninth.bytes));
  assert.equal(other, one);
  assert.equal(ninth.beginningReads, 1);
});

test("who waits for a turn gets it also when the others fail", async () => {
  const codedFiles = new CodedFiles();
  const broken = Array.from({ length: 8 }, () => new CountedFile(textOf("x")));
  const release = holdUp(...broken);
  for (const file of broken) file.error = new Error("the disk is broken");
  const asked = broken.map((file, index) => codedFiles.get(file, `${index}`, "br"));
  const ninth = codedFiles.get(new CountedFile(textOf("ninth")), "ninth", "br", true);
  release();
  await Promise.allSettled(asked);
  assert.ok((await ninth) !== undefined);
});
