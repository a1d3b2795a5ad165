import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decideReadmeLink, MarkdownPage } from "./markdown-page.ts";

const page = new MarkdownPage();

function render(markdown: string): string {
  return page.render(markdown) ?? assert.fail("it was too much");
}

const TEXTS: readonly (readonly [what: string, markdown: string, html: string])[] = [
  ["emphasis", "*a* **b** ~~c~~", "<p><em>a</em> <strong>b</strong> <s>c</s></p>\n"],
  [
    "a heading, one down",
    "# A & `<b>` <i>",
    '<h2 id="readme-a--b">A &amp; <code>&lt;b&gt;</code> </h2>\n',
  ],
  ["the lowest heading", "###### A", '<h6 id="readme-a">A</h6>\n'],
  [
    "headings of one name, and a link to the second",
    "# Ä b\n# Ä b\n[x](#ä-b-1)",
    '<h2 id="readme-ä-b">Ä b</h2>\n<h2 id="readme-ä-b-1">Ä b</h2>\n<p><a href="#readme-%C3%A4-b-1">x</a></p>\n',
  ],
  ["a link on this server", "[a](b/c.html)", '<p><a href="b/c.html">a</a></p>\n'],
  [
    "a link elsewhere",
    "[a](https://b.example/)",
    '<p><a href="https://b.example/" rel="nofollow noopener noreferrer">a</a></p>\n',
  ],
  [
    "a mail address",
    "<a@b.example>",
    '<p><a href="mailto:a@b.example" rel="nofollow noopener noreferrer">a@b.example</a></p>\n',
  ],
  ["a script for a link", "[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>\n"],
  [
    "a picture of this server",
    '![a "b"](c.png)',
    '<p><img loading="lazy" src="c.png" alt="a &quot;b&quot;"></p>\n',
  ],
  [
    "a picture of another",
    "![a](https://b.example/c.png)",
    '<p><a href="https://b.example/c.png" rel="nofollow noopener noreferrer">a</a></p>\n',
  ],
  ["one of another in a link", "[![a](https://b.example/c.png)](d)", '<p><a href="d">a</a></p>\n'],
  ["a picture in the text itself", "![a](data:image/png,x)", "<p>![a](data:image/png,x)</p>\n"],
  ["HTML in a line", "a <b onclick=x>b</b> <!-- c -->", "<p>a b </p>\n"],
  ["HTML as a block", "<div>\nx\n</div>\n\ny", "<p>y</p>\n"],
  ["a script", "<script>\nalert(1)\n</script>\n", ""],
  [
    "code",
    "```js\n<b>\n```\n\n    <i>",
    '<pre tabindex="0"><code>&lt;b&gt;\n</code></pre>\n<pre tabindex="0"><code>&lt;i&gt;\n</code></pre>\n',
  ],
  [
    "a table",
    "|a|b|\n|-:|:-:|\n|1|2|",
    '<div class="wide" tabindex="0"><table>\n<thead>\n<tr>\n<th class="r">a</th>\n<th class="c">b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td class="r">1</td>\n<td class="c">2</td>\n</tr>\n</tbody>\n</table></div>\n',
  ],
];

for (const [what, markdown, html] of TEXTS) {
  test(`Markdown means what it says and no more [${what}]`, () => {
    assert.equal(render(markdown), html);
  });
}

/** The only tags and attributes that a page may have of a README. */
const TAG =
  /<\/?(?:p|em|strong|s|code|pre|ul|ol|li|blockquote|hr|br|table|thead|tbody|tr|th|td|div|a|h[2-6]|img)(?: (?:id|href|rel|class|start|loading|src|alt|tabindex|title)="[^"<>]*")*>/g;

function checkHarmless(html: string): void {
  const rest = html.replaceAll(TAG, "");
  assert.doesNotMatch(rest, /[<>]/, rest);
  for (const [, address = ""] of html.matchAll(/ (?:href|src)="([^"]*)"/g)) {
    assert.doesNotMatch(address, /^\s*(?!https?:|mailto:)[a-z][a-z0-9+.-]*:/i);
  }
  assert.doesNotMatch(html, / src="(?:https?:)?\/\//);
}

test("whatever is written, only known tags come of it (2000 texts of hostile pieces)", () => {
  const pieces = fc.constantFrom(
    ...["<script>", "</script>", "<img src=x onerror=alert(1)>", "</style>", "<iframe src=//x>"],
    ...[
      "javascript:alert(1)",
      "data:text/html,x",
      "[a](",
      ")",
      "![",
      "](",
      "<",
      ">",
      '"',
      "'",
      "&",
    ],
    ...["`", "```", "\n", "\n\n", "# ", "> ", "- ", "1. ", "|", "|-|-|", "*", "_", "\\", "\t", " "],
    ...[
      "//x.example/a.png",
      "a.png",
      "[a]: ",
      "<!--",
      "-->",
      "<![CDATA[",
      "<?",
      "&#x3c;",
      "\u0000",
    ],
    ...['<a href="', "<javascript:x>", "<https://x.example/>", "style=", "é", "\u202e"],
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (some) =>
      checkHarmless(render(some.join(""))),
    ),
    { numRuns: 2000 },
  );
});

test("nesting has an end (10,000 quotes, lists, brackets and stars)", () => {
  for (const piece of ["> ", "- ", "[", "*a "]) {
    const html = page.render(piece.repeat(5000));
    assert.ok(html === undefined || (html.match(/<blockquote>|<ul>/g)?.length ?? 0) <= 20);
  }
});

test("a text that would take too long is not set (30,000 stars, 10,000 lines), a long plain one is", () => {
  assert.equal(page.render("*".repeat(30_000)), undefined);
  assert.equal(page.render("a\n".repeat(10_000)), undefined);
  assert.ok(render(`${"A word. ".repeat(16_000)}\n`).length > 120_000);
});

const ADDRESSES: readonly (readonly [string, string])[] = [
  ["docs/a.html", "own"],
  ["../a b.html?x=1#y", "own"],
  ["/a", "own"],
  ["#usage", "own"],
  ["", "own"],
  ["https://other.example/", "foreign"],
  ["HTTP://other.example", "foreign"],
  ["//other.example/a", "foreign"],
  ["\\\\other.example/a", "foreign"],
  ["/\\other.example/a", "foreign"],
  ["/\t/other.example/a", "foreign"],
  ["mailto:a@b.example", "foreign"],
  ["http://weir.invalid/a", "foreign"],
  ["//weir.invalid/a", "own"],
  ["http:a", "foreign"],
  ["https:a", "foreign"],
  ["javascript:alert(1)", "refused"],
  ["JavaScript:alert(1)", "refused"],
  [" \u0001javascript:alert(1)", "refused"],
  ["java\nscript:alert(1)", "refused"],
  ["vbscript:x", "refused"],
  ["data:text/html,<script>alert(1)</script>", "refused"],
  ["data:image/png;base64,AAAA", "refused"],
  ["file:///etc/passwd", "refused"],
  ["blob:https://a.example/1", "refused"],
  ["ftp://a.example/", "refused"],
  ["tel:+1", "refused"],
  ["http://", "refused"],
];

for (const [address, kind] of ADDRESSES) {
  test(`an address is what browsers take it for [${JSON.stringify(address)}: ${kind}]`, () => {
    assert.equal(decideReadmeLink(address).kind, kind);
  });
}
