import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type ConfigName, parseConfig, readConfigFile } from "./config-file.ts";

const names: ConfigName[] = [
  { name: "dir", json: "string" },
  { name: "port", json: "number" },
  { name: "types", json: "list" },
  { name: "headers", json: "rules" },
  { name: "listing", json: "switch" },
];

const accepted: [string, [string, string][]][] = [
  ["{}", []],
  ['{"port": 8001}', [["port", "8001"]]],
  ['{"port": "8001"}', [["port", "8001"]]],
  ['{"port": -0.5}', [["port", "-0.5"]]],
  ['{"types": ["html", "png"]}', [["types", "html,png"]]],
  ['{"types": "html,png"}', [["types", "html,png"]]],
  ['{"types": []}', [["types", ""]]],
  ['{"headers": [{"a": [1, null]}]}', [["headers", '[{"a":[1,null]}]']]],
  ['{"headers": {"a": "b"}}', [["headers", '{"a":"b"}']]],
  ['{"headers": "a=b"}', [["headers", "a=b"]]],
  [
    '{"listing": false, "dir": "x"}',
    [
      ["listing", "false"],
      ["dir", "x"],
    ],
  ],
  ['\uFEFF{"port": 1}', [["port", "1"]]],
];

for (const [json, texts] of accepted) {
  test(`parseConfig takes ${JSON.stringify(json)}`, () => {
    assert.deepEqual([...parseConfig(json, "c.json", names)], texts);
  });
}

const refused: [string, string | RegExp][] = [
  ["", /^cannot read the config file "c.json": it is not JSON \([^\n]+\)$/],
  ['{\n "port": x\n}', /^cannot read the config file "c.json": it is not JSON \([^\n]+\)$/],
  [
    '{"port": 1, "port": 2}',
    'cannot use the config file "c.json": "port" appears twice in one object; keep one of them',
  ],
  ['{"headers": [{"path": "*", "path": "/a"}]}', /"path" appears twice in one object/],
  ["[]", /must hold one JSON object/],
  ["null", /must hold one JSON object/],
  ["8001", /must hold one JSON object/],
  ['{"prot": 1}', 'unknown name "prot" in "c.json": did you mean "port"?'],
  ['{"--port": 1}', 'unknown name "--port" in "c.json": did you mean "port"?'],
  ['{"no-listing": true}', 'unknown name "no-listing" in "c.json": write "listing": false'],
  [
    '{"zzz": 1}',
    'unknown name "zzz" in "c.json": the names are dir, port, types, headers, listing',
  ],
  ['{"__proto__": 1}', /^unknown name "__proto__"/],
  ['{"constructor": 1}', /^unknown name "constructor"/],
  ['{"port": true}', 'cannot use "true" for "port" in "c.json": give a string or a number'],
  ['{"port": null}', /cannot use "null" for "port"/],
  ['{"dir": 5}', 'cannot use "5" for "dir" in "c.json": give a string'],
  ['{"dir": ["a"]}', /give a string$/],
  ['{"types": ["a", 1]}', /give a string or an array of strings$/],
  ['{"listing": "no"}', 'cannot use "no" for "listing" in "c.json": give true or false'],
  ['{"listing": 0}', /give true or false$/],
  ['{"headers": 5}', 'cannot use "5" for "headers" in "c.json": give an object or an array'],
  ['{"headers": null}', /give an object or an array$/],
  ['{"headers": true}', /give an object or an array$/],
];

for (const [json, message] of refused) {
  test(`parseConfig refuses ${JSON.stringify(json)}`, () => {
    assert.throws(() => parseConfig(json, "c.json", names), { name: "UsageError", message });
  });
}

test("readConfigFile tells the folder of the file and how it was named", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "weir-config-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "my.json");
  writeFileSync(path, '{"port": 1}');
  const file = readConfigFile(path, names);
  assert.deepEqual([file?.path, file?.baseDir, file?.texts.get("port")], [path, folder, "1"]);
});

test("readConfigFile refuses a named file that is absent, and a folder", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "weir-config-"));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "sub"));
  const absent = { name: "UsageError", message: /absent.json": there is no such file$/ };
  assert.throws(() => readConfigFile(join(folder, "absent.json"), names), absent);
  const isFolder = { name: "UsageError", message: /it is a folder; give a JSON file$/ };
  assert.throws(() => readConfigFile(join(folder, "sub"), names), isFolder);
});
