import assert from "node:assert/strict";
import { test } from "node:test";
import { fileEntry, folderEntry } from "../../test/fixtures/sample-listing.ts";
import { MarkdownPage } from "./markdown-page.ts";
import { findReadmes, formatLinkedReadme, formatReadme } from "./readme-section.ts";

const markdown = new MarkdownPage();

test("the README is the first of its names, whatever their case (eight entries)", () => {
  const entries = [
    ...[folderEntry("README.md"), fileEntry("README"), fileEntry("readme.TXT")],
    ...[fileEntry("ReadMe.md"), fileEntry("README.markdown"), fileEntry("README.md.bak")],
    ...[fileEntry("readme.rst"), fileEntry("not README.md")],
  ];
  assert.deepEqual(
    findReadmes(entries).map(({ byteName }) => byteName),
    ["ReadMe.md", "README.markdown", "readme.TXT", "README"],
  );
  assert.deepEqual(findReadmes([fileEntry("a.txt")]), []);
});

test("a README is shown under its name, which leads to it (README.md)", () => {
  const html = formatReadme(markdown, fileEntry("README.md"), Buffer.from("*a*"));
  assert.equal(
    html,
    '<section class="readme" aria-label="README.md">\n<p class="text"><a href="README.md">README.md</a></p>\n<div class="md" dir="auto"><p><em>a</em></p>\n</div>\n</section>\n',
  );
});

test("a text is shown as it is (README.txt, README)", () => {
  for (const name of ["README.txt", "README"]) {
    const html = formatReadme(markdown, fileEntry(name), Buffer.from("*a* <b>\n"));
    assert.ok(html.includes('<pre class="text">*a* &lt;b&gt;\n</pre>'));
  }
});

test("what is no UTF-8 becomes U+FFFD, and a byte order mark nothing (ef bb bf, a, ff)", () => {
  const bytes = Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0xff]);
  assert.ok(formatReadme(markdown, fileEntry("README.md"), bytes).includes("<p>a\ufffd</p>"));
});

test("Markdown that is too much to set is shown as a text (30,000 stars)", () => {
  const html = formatReadme(markdown, fileEntry("README.md"), Buffer.from("*".repeat(30_000)));
  assert.match(html, /<pre class="text">\*{30000}<\/pre>/);
});

test("a long README is linked", () => {
  const html = formatLinkedReadme(fileEntry("README.md"), "long");
  assert.match(html, /too long to be shown here\. <a href="README\.md">Open it by itself<\/a>/);
});
