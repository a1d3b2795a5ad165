import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeTempFolder } from "../../test/fixtures/temp-folder.ts";
import { OperationError } from "../base/operation-error.ts";
import { UsageError } from "../config/usage-error.ts";
import { checkAdmin } from "./admin-config.ts";

for (const host of ["127.0.0.1", "127.8.9.10", "::1", "localhost", "LocalHost"]) {
  test(`${host} needs no token`, () => {
    assert.deepEqual(checkAdmin({ host, port: 8002 }, undefined), {
      host,
      port: 8002,
      token: undefined,
    });
  });
}

for (const host of [
  "0.0.0.0",
  "::",
  "10.0.0.1",
  "fe80::1",
  "example.org",
  "127.0.0.1.example.org",
]) {
  test(`${host} needs a token, and the line says how to give one`, (t) => {
    assert.throws(() => checkAdmin({ host, port: 8002 }, undefined), {
      name: UsageError.name,
      message: /^cannot open the admin interface on ".*:8002": .*--admin-token-file FILE/,
    });
    const file = join(makeTempFolder(t), "token");
    writeFileSync(file, "s3cret\n");
    assert.equal(checkAdmin({ host, port: 8002 }, file)?.token, "s3cret");
  });
}

test("off is no admin interface, and a token without one is a mistake", () => {
  assert.equal(checkAdmin(undefined, undefined), undefined);
  assert.throws(() => checkAdmin(undefined, "token"), {
    name: UsageError.name,
    message: /^cannot use --admin-token-file "token" alone: /,
  });
});

test("a file that holds no token is told in one line [absent, a folder, empty, two lines, a blank]", (t) => {
  const folder = makeTempFolder(t);
  const fileOf = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const cases: [string, RegExp][] = [
    [join(folder, "absent"), /there is no such file$/],
    [folder, /it is a folder/],
    [fileOf("empty", "\n"), /the file is empty/],
    [fileOf("two", "a\nb\n"), /it is one line/],
    [fileOf("blank", "a b"), /it is one line/],
    [fileOf("long", "x".repeat(1025)), /it is one line/],
  ];
  for (const [file, message] of cases) {
    assert.throws(() => checkAdmin({ host: "127.0.0.1", port: 1 }, file), {
      name: OperationError.name,
      message,
    });
  }
});
