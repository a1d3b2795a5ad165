import assert from "node:assert/strict";
import { test } from "node:test";
import { readSystemError } from "./request-outcome.ts";

for (const [code, syscall, reason] of [
  ["ECONNREFUSED", "connect", "refused"],
  ["ECONNRESET", "read", "reset"],
  ["EPIPE", "write", "closed-early"],
  ["ETIMEDOUT", "connect", "timed-out"],
  ["EHOSTUNREACH", "connect", "unreachable"],
  ["ENETUNREACH", "connect", "unreachable"],
  ["EADDRNOTAVAIL", "connect", "no-ports"],
  ["EADDRNOTAVAIL", "bind", "source-unknown"],
  ["EADDRINUSE", "bind", "no-ports"],
  ["EMFILE", "socket", "no-descriptors"],
  ["ENFILE", "socket", "no-descriptors"],
  ["ENOTFOUND", "getaddrinfo", "host-unknown"],
  ["EAI_AGAIN", "getaddrinfo", "host-unknown"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "connect", "tls"],
  ["CERT_HAS_EXPIRED", "connect", "tls"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "connect", "tls"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "connect", "tls"],
  ["EPROTO", "write", "tls"],
  ["EWHATEVER", "connect", "unreachable"],
] as const) {
  test(`${code} of ${syscall} is read as ${reason}, with a line about it`, () => {
    const error = Object.assign(new Error(`${syscall} ${code}`), { code, syscall });
    const failure = readSystemError(error, "10.9.9.9");
    assert.equal(failure.reason, reason);
    assert.match(failure.detail, /^[^\n]{10,}$/);
    // A code that nobody has words for is told as it is.
    assert.equal(
      failure.detail.includes(code),
      ["EWHATEVER", "EPROTO", "ERR_SSL_WRONG_VERSION_NUMBER"].includes(code),
    );
  });
}

test("a source that is not of this machine is named", () => {
  const error = Object.assign(new Error("x"), { code: "EADDRNOTAVAIL", syscall: "bind" });
  assert.match(readSystemError(error, "10.9.9.9").detail, /^cannot send from "10\.9\.9\.9": /);
});

test("too many open files come with a remedy", () => {
  const message = "connect EMFILE 127.0.0.1:80 - Local (undefined:undefined)";
  const error = Object.assign(new Error(message), { code: "EMFILE", syscall: "connect" });
  assert.match(
    readSystemError(error, undefined).detail,
    /^this process has too many open files; .*ulimit -n/,
  );
});

test("the words of OpenSSL become one line, without its addresses", () => {
  const message = "40A3:error:0A00010B:SSL routines::wrong version number:../x.c:78:\n";
  const facts = { code: "ERR_SSL_WRONG_VERSION_NUMBER", reason: "wrong version number" };
  assert.equal(
    readSystemError(Object.assign(new Error(message), facts), undefined).detail,
    "no TLS: the server does not speak TLS on this port",
  );
});
