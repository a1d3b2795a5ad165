import assert from "node:assert/strict";
import { test } from "node:test";
import { makeHead } from "../../test/fixtures/request-head.ts";
import type { Client } from "../clients/clients.ts";
import type { Reply } from "../http/reply.ts";
import { type Answer, errorAnswer } from "../site/answer.ts";
import { type Admission, EXEMPT, openExchange } from "./exchange.ts";
import { Renderer } from "./render.ts";

const POLICY = { count: 5, windowMs: 1000 };
const SOMEBODY = { name: "192.0.2.1" } as Client;

interface Asked {
  readonly path?: string;
  readonly accept?: string;
  readonly admission?: Admission;
  readonly isUnread?: boolean;
}

function exchangeOf(answer: Answer, { path = "/a/b", accept, admission, isUnread }: Asked = {}) {
  const head = makeHead(accept === undefined ? {} : { accept });
  const request = { ...head, rawTarget: path, target: { rawPath: path, rawQuery: undefined } };
  const exchange = openExchange(isUnread === true ? undefined : request, 0, SOMEBODY);
  exchange.answer = answer;
  if (admission !== undefined) exchange.admission = admission;
  return exchange;
}

function textOf({ body }: Reply): string {
  assert.ok(body.kind === "bytes");
  return body.bytes.toString();
}

const fieldOf = ({ fields }: Reply, wanted: string) =>
  fields.find(([name]) => name === wanted)?.[1];
const renderer = new Renderer({ policy: POLICY, basePath: "" });

for (const [accept, type] of [
  [undefined, "text/html; charset=utf-8"],
  ["text/html", "text/html; charset=utf-8"],
  ["*/*", "text/html; charset=utf-8"],
  ["application/json", "application/json"],
  ["text/html;q=0.5, application/json", "application/json"],
] as const) {
  test(`an error is read in the form that Accept names, and says that it depends on it [${accept}]`, () => {
    const asked = accept === undefined ? {} : { accept };
    const reply = renderer.render(exchangeOf(errorAnswer(404), asked));
    assert.equal(reply.status, 404);
    assert.equal(fieldOf(reply, "Content-Type"), type);
    assert.equal(fieldOf(reply, "Vary"), "Accept");
    assert.equal(fieldOf(reply, "Cache-Control"), "no-store");
    assert.match(textOf(reply), type === "application/json" ? /"status":404/ : /<h1><span>404/);
    const hasPolicy = fieldOf(reply, "Content-Security-Policy") !== undefined;
    assert.equal(hasPolicy, type !== "application/json");
  });
}

test("an error has its own explanation, fields and end of the connection", () => {
  const fields = [["Content-Range", "bytes */5"]] as const;
  const answer = errorAnswer(416, { explanation: "No <such> part.", fields, close: true });
  const reply = renderer.render(exchangeOf(answer));
  assert.match(textOf(reply), /No &lt;such&gt; part\./);
  assert.equal(fieldOf(reply, "Content-Range"), "bytes */5");
  assert.equal(reply.close, true);
});

const ROOTS: readonly [basePath: string, path: string, href: string | undefined][] = [
  ["", "/a/b", '"../"'],
  ["", "/a", '"./"'],
  ["/files", "/files/a/b", '"../"'],
  ["/files", "/other", '"files/"'],
  ["", "*", undefined],
];

for (const [basePath, path, href] of ROOTS) {
  test(`the page links the root folder from where it is shown [${path}, below "${basePath}"]`, () => {
    const below = new Renderer({ policy: undefined, basePath });
    const link = /href=("[^"]*")>Root folder/.exec(
      textOf(below.render(exchangeOf(errorAnswer(404), { path }))),
    );
    assert.equal(link?.[1], href);
  });
}

test("a page that says nothing about a path links no root folder [500, 429, unreadable]", () => {
  const refused = { kind: "refused", remaining: 0, waitMs: 10 } as const;
  for (const exchange of [
    exchangeOf(errorAnswer(500)),
    exchangeOf(errorAnswer(429), { admission: refused }),
    exchangeOf(errorAnswer(400), { isUnread: true }),
  ]) {
    assert.doesNotMatch(textOf(renderer.render(exchange)), /Root folder/);
  }
});

test("a redirect is a page with its Location", () => {
  const reply = renderer.render(exchangeOf({ kind: "redirect", status: 308, location: "../c" }));
  assert.equal(reply.status, 308);
  assert.equal(fieldOf(reply, "Location"), "../c");
});

test("content is sent as the site made it, the very value, so that an engine knows it again", () => {
  const reply: Reply = { status: 200, fields: [], body: { kind: "none" }, isShared: true };
  const content = { kind: "file", reply, hitPath: "/a", isRepeatable: true } as const;
  const admission = { kind: "admitted", remaining: 4, waitMs: 1000 } as const;
  assert.equal(renderer.render(exchangeOf(content, { admission })), reply);
});

test("the fields of the limit are on every answer to a client that it holds, and on no other", () => {
  const useOf = (answer: Answer, admission: Admission) => {
    const exchange = exchangeOf(answer, { admission });
    renderer.render(exchange);
    return exchange.useFields;
  };
  const admitted = { kind: "admitted", remaining: 3, waitMs: 1000 } as const;
  assert.equal(useOf(errorAnswer(404), admitted)?.count, 3);
  assert.equal(useOf(errorAnswer(500), admitted)?.count, 3);
  assert.equal(useOf(errorAnswer(404), EXEMPT), undefined);
  const unknown = { kind: "unknown", remaining: 0, waitMs: 1000 } as const;
  assert.equal(useOf(errorAnswer(503), unknown), undefined);
});

test("an error that says nothing but its status is one value for all who read the same", () => {
  const pageAt = (path: string, asked: Asked = {}) =>
    renderer.render(exchangeOf(errorAnswer(404), { ...asked, path }));
  pageAt("/a/b");
  const known = pageAt("/c/d");
  assert.equal(known.isShared, true);
  assert.equal(pageAt("/e/f"), known);
  // Its link to the root folder, its form or its status differ.
  for (const other of [
    pageAt("/g"),
    pageAt("/a/b", { accept: "application/json" }),
    renderer.render(exchangeOf(errorAnswer(403), { path: "/a/b" })),
  ]) {
    assert.notEqual(textOf(other), textOf(known));
  }
});

test("an error with words or fields of its own, or at the end of its connection, is not remembered", () => {
  for (const more of [
    { explanation: "No such part." },
    { fields: [["Retry-After", "1"]] as const },
    { close: true },
  ]) {
    const render = () => renderer.render(exchangeOf(errorAnswer(400, more), { path: "/h" }));
    render();
    assert.equal(render().isShared, undefined);
  }
});

test("a path that somebody has made up is not remembered [1,000 folders deep]", () => {
  const path = "/x".repeat(1000);
  const render = () => renderer.render(exchangeOf(errorAnswer(404), { path }));
  render();
  assert.equal(render().isShared, undefined);
  assert.match(textOf(render()), /href="(\.\.\/){999}">Root folder/);
});

test("refusals with the same words are one value, whatever their exact wait [10 and 900 ms, 2 s]", () => {
  const refusalOf = (waitMs: number, accept?: string) => {
    const admission = { kind: "refused", remaining: 0, waitMs } as const;
    const asked = accept === undefined ? { admission } : { admission, accept };
    return renderer.render(exchangeOf(errorAnswer(429), asked));
  };
  const first = refusalOf(10);
  assert.equal(first.status, 429);
  assert.equal(first.isShared, true);
  assert.equal(refusalOf(900), first);
  assert.notEqual(refusalOf(2000), first);
  assert.match(textOf(refusalOf(2000)), /Try again in 2 seconds/);
  assert.match(textOf(refusalOf(10, "application/json")), /^\{"status":429/);
});
