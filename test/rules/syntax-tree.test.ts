import assert from "node:assert/strict";
import { test } from "node:test";
import { SyntaxKind } from "typescript/unstable/ast";
import { blankLiterals, findComments, findImports, parseFiles, walkTree } from "./syntax-tree.ts";

function parse(text: string) {
  const [file] = parseFiles([{ path: "src/a.ts", text }]);
  assert.ok(file !== undefined);
  return file;
}

test("findImports sees statements, re-exports, import(), types and threads, and nothing else", () => {
  const file = parse(`
    import a from "./a.ts";
    import type { B } from './b.ts';
    import "./effect.ts";
    export * from "./c.ts";
    export type { D } from "./d.ts";
    const e = await import("./e.ts");
    type F = import("./f.ts").F;
    new Worker(new URL("./g-thread.ts", import.meta.url));
    new URL("./not-here.ts", base);
    call("./not-here.ts");
    // import "./not-here.ts";
    const text = 'import "./not-here.ts"';
  `);
  assert.deepEqual(
    findImports(file).map(({ specifier }) => specifier),
    ["./a.ts", "./b.ts", "./effect.ts", "./c.ts", "./d.ts", "./e.ts", "./f.ts", "./g-thread.ts"],
  );
});

test("findComments takes no string, template or regular expression for a comment", () => {
  const file = parse(
    [
      'const a = "// no"; // yes 1',
      "const b = `/* no $" + "{c /* yes 2 */} // no`;",
      "const d = /[/*]/g; /** yes\n 3 */",
    ].join("\n"),
  );
  assert.deepEqual(
    findComments(file).map(({ text }) => text),
    ["// yes 1", "/* yes 2 */", "/** yes\n 3 */"],
  );
});

test("offsets hold in a text with characters outside ASCII [é, 😀]", () => {
  const text = 'const a = "é😀"; // é\nfunction f() {}\n';
  const file = parse(text);
  assert.equal(blankLiterals(file), text.replace('"é😀"', "     "));
  walkTree(file.root, (node) => {
    if (node.kind === SyntaxKind.FunctionDeclaration) {
      assert.equal(text.slice(node.getStart(), node.end), "function f() {}");
    }
  });
});
