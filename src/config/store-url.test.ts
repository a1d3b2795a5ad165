import assert from "node:assert/strict";
import { test } from "node:test";
import { parseStoreUrl, type StoreUrl } from "./store-url.ts";
import { UsageError } from "./usage-error.ts";

const PLAIN: Omit<StoreUrl, "shown"> = {
  host: "store.example",
  port: 6379,
  isEncrypted: false,
  user: undefined,
  password: undefined,
  database: 0,
  prefix: "weir:",
};

const RIGHT: readonly [text: string, own: Partial<StoreUrl>, shown: string][] = [
  ["redis://store.example", {}, "redis://store.example:6379/0"],
  ["redis://store.example/", {}, "redis://store.example:6379/0"],
  ["redis://store.example:7000/3", { port: 7000, database: 3 }, "redis://store.example:7000/3"],
  ["rediss://store.example", { isEncrypted: true }, "rediss://store.example:6379/0"],
  [
    "redis://[2001:db8::1]:7000",
    { host: "2001:db8::1", port: 7000 },
    "redis://[2001:db8::1]:7000/0",
  ],
  ["redis://:p%40ss@store.example", { password: "p@ss" }, "redis://store.example:6379/0"],
  [
    "redis://m%C3%A9:a%3Ab@store.example",
    { user: "mé", password: "a:b" },
    "redis://store.example:6379/0",
  ],
  ["redis://store.example/?prefix=shop:", { prefix: "shop:" }, "redis://store.example:6379/0"],
  ["redis://store.example?prefix=", { prefix: "" }, "redis://store.example:6379/0"],
];

for (const [text, own, shown] of RIGHT) {
  test(`${text} is understood, and shown as ${shown}`, () => {
    assert.deepEqual(parseStoreUrl(text), { ...PLAIN, ...own, shown });
  });
}

const WRONG: readonly string[] = [
  "",
  "store.example",
  "store.example:6379",
  "http://store.example",
  "redis:store.example",
  "redis://",
  "redis:///0",
  "redis://store.example:0",
  "redis://store.example:65536",
  "redis://store example",
  "redis://störe.example",
  "redis://store.example/one",
  "redis://store.example/0/1",
  "redis://store.example/1000001",
  "redis://store.example/-1",
  "redis://store.example#0",
  "redis://store.example?prefix=a&prefix=b",
  "redis://store.example?prefix=a%20b",
  `redis://store.example?prefix=${"a".repeat(101)}`,
  "redis://store.example?db=1",
  "redis://geheim@store.example",
  "redis://:geheim%@store.example",
  "redis://:geheim%ff@store.example",
  "redis://us%zzer:geheim@store.example",
];

for (const text of WRONG) {
  test(`${JSON.stringify(text)} is refused, without its password`, () => {
    assert.throws(
      () => parseStoreUrl(text),
      (error) => error instanceof UsageError && !error.message.includes("geheim"),
    );
  });
}
