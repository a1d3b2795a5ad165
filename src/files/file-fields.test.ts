import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_BODY, type Reply } from "../http/reply.ts";
import { type FileFieldRules, FileFields } from "./file-fields.ts";

const fieldsOf = (rules: Partial<FileFieldRules>) =>
  new FileFields({ cacheRules: [], headerRules: [], ...rules });

test("the first Cache-Control rule for a path counts, and none leaves it to weir", () => {
  const fields = fieldsOf({
    cacheRules: [
      { pattern: "/assets/**", value: "max-age=5" },
      { pattern: "*.css", value: "no-store" },
    ],
  });
  assert.equal(fields.decideForFile("/assets/a.css").cacheControl, "max-age=5");
  assert.equal(fields.decideForFile("/a.css").cacheControl, "no-store");
  assert.equal(fields.decideForFile("/a.html").cacheControl, undefined);
});

test("all header rules for a path count, the later word for a name in any case", () => {
  const fields = fieldsOf({
    headerRules: [
      {
        pattern: "*.html",
        set: [
          ["X-A", "1"],
          ["X-B", "2"],
        ],
      },
      { pattern: "*.css", set: [["X-C", "3"]] },
      { pattern: "/**", set: [["x-a", "4"]] },
    ],
  });
  assert.deepEqual(fields.decideForFile("/a.html"), {
    contentType: undefined,
    coding: undefined,
    cacheControl: undefined,
    others: [
      ["x-a", "4"],
      ["X-B", "2"],
    ],
  });
});

test("a header rule's Content-Type and Cache-Control replace what is decided elsewhere", () => {
  const fields = fieldsOf({
    cacheRules: [{ pattern: "*", value: "no-store" }],
    headerRules: [
      {
        pattern: "*",
        set: [
          ["content-type", "text/x"],
          ["Cache-Control", "max-age=1"],
          ["X", "y"],
        ],
      },
    ],
  });
  assert.deepEqual(fields.decideForFile("/a"), {
    contentType: "text/x",
    coding: undefined,
    cacheControl: "max-age=1",
    others: [["X", "y"]],
  });
});

test("a header rule's Content-Encoding is a coding of files, and nothing of a listing", () => {
  const set = [["Content-Encoding", "BR"]] as const;
  const fields = fieldsOf({ headerRules: [{ pattern: "**", set }] });
  const { coding, others } = fields.decideForFile("/a.br");
  assert.deepEqual([coding, others], ["br", []]);
  assert.equal(fields.applyToListing("/", listing).fields, listing.fields);
});

test("patterns are for characters, paths are bytes [/ü/*]", () => {
  const fields = fieldsOf({ cacheRules: [{ pattern: "/ü/?.css", value: "no-store" }] });
  const path = Buffer.from("/ü/ä.css").toString("latin1");
  assert.equal(fields.decideForFile(path).cacheControl, "no-store");
});

const listing: Reply = {
  status: 200,
  fields: [
    ["Content-Type", "text/html"],
    ["Cache-Control", "no-store"],
    ["Vary", "Accept"],
  ],
  body: NO_BODY,
};

test("a listing has its fields replaced by header rules for its folder, and keeps the others", () => {
  const fields = fieldsOf({
    cacheRules: [{ pattern: "/**", value: "max-age=5" }],
    headerRules: [
      {
        pattern: "/docs/",
        set: [
          ["cache-control", "no-cache"],
          ["X-A", "1"],
        ],
      },
      { pattern: "*.html", set: [["X-B", "2"]] },
    ],
  });
  assert.deepEqual(fields.applyToListing("/docs/", listing).fields, [
    ["Content-Type", "text/html"],
    ["Vary", "Accept"],
    ["cache-control", "no-cache"],
    ["X-A", "1"],
  ]);
  assert.equal(fields.applyToListing("/", listing), listing);
});

test("a Vary of a rule stands beside the one of the listing", () => {
  const fields = fieldsOf({ headerRules: [{ pattern: "*", set: [["Vary", "Cookie"]] }] });
  const reply = fields.applyToListing("/", listing);
  assert.deepEqual(reply.fields, [...listing.fields, ["Vary", "Cookie"]]);
});
