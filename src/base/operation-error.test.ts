import assert from "node:assert/strict";
import { test } from "node:test";
import {
  describeFileError,
  describeNetworkError,
  isCertificateError,
  isUnknownAuthority,
} from "./operation-error.ts";

function errorOf(code: string, facts: object = {}): Error {
  return Object.assign(new Error(`syscall ${code}`), { code, ...facts });
}

for (const [code, words] of [
  ["ENOENT", "there is no such file or folder"],
  ["ENOSPC", "the disk is full"],
  ["EROFS", "the file system is read-only"],
  ["EACCES", "this user has no permission"],
  ["ENAMETOOLONG", "the name is too long"],
] as const) {
  test(`${code} of a file is told in words`, () => {
    assert.equal(describeFileError(errorOf(code)), words);
  });
}

const refused = { address: "127.0.0.1", port: 9 };

for (const [error, words] of [
  [errorOf("ECONNREFUSED", refused), "nothing listens on 127.0.0.1:9"],
  [errorOf("ECONNREFUSED", { address: "::1", port: 9 }), "nothing listens on [::1]:9"],
  [errorOf("ECONNREFUSED"), "nothing listens there"],
  [errorOf("ENOTFOUND", { hostname: "a.b" }), 'the host name "a.b" is not known'],
  [errorOf("ECONNRESET"), "the server reset the connection"],
  [errorOf("EHOSTUNREACH"), "no way leads to the server"],
  [errorOf("HPE_INVALID_CONSTANT"), "the answer is not HTTP"],
  [errorOf("CERT_HAS_EXPIRED"), "the server's certificate has expired"],
  [
    errorOf("ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", { reason: "tlsv1 alert protocol version" }),
    "tlsv1 alert protocol version",
  ],
] as const) {
  test(`${error.message} is told as: ${words}`, () => {
    assert.equal(describeNetworkError(error), words);
  });
}

test("a host with two addresses where nothing listens is told once", () => {
  const errors = [
    errorOf("ECONNREFUSED", { address: "::1", port: 9 }),
    errorOf("ECONNREFUSED", refused),
  ];
  const error = new AggregateError(errors);
  assert.equal(describeNetworkError(error), "nothing listens on [::1]:9 or 127.0.0.1:9");
  const mixed = new AggregateError([errors[0], errorOf("EHOSTUNREACH")]);
  assert.equal(
    describeNetworkError(mixed),
    "nothing listens on [::1]:9; no way leads to the server",
  );
});

test("a code without words is told as the system tells it, in one line", () => {
  const error = Object.assign(new Error("ENOSYS: function not implemented, open 'x'\nmore"), {
    code: "ENOSYS",
  });
  assert.equal(describeFileError(error), "function not implemented");
  assert.equal(
    describeFileError(Object.assign(new Error(""), { code: "EX" })),
    "the system says EX",
  );
});

test("certificates that another authority would mend are told apart from others", () => {
  const codes = ["DEPTH_ZERO_SELF_SIGNED_CERT", "CERT_HAS_EXPIRED", "ECONNREFUSED"];
  assert.deepEqual(
    codes.map((code) => isCertificateError(errorOf(code))),
    [true, true, false],
  );
  assert.deepEqual(
    codes.map((code) => isUnknownAuthority(errorOf(code))),
    [true, false, false],
  );
});
