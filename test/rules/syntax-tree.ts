// Parses TypeScript with the compiler that checks it, for the rules that a search for words would
// get wrong: what is imported, where a function begins and ends, what is a comment. The only place
// that knows the compiler's own interface, which is still called unstable: its version is pinned.

import { type Node, SyntaxKind } from "typescript/unstable/ast";
import { createVirtualFileSystem } from "typescript/unstable/fs";
import { API } from "typescript/unstable/sync";
import type { SourceFile } from "./source-files.ts";

/** A file and its tree. Positions are offsets into `text`. */
export interface ParsedFile extends SourceFile {
  readonly root: Node;
}

const VIRTUAL_DIR = "/repository";

/** Parses all files at once: to start the compiler takes longer than to parse. */
export function parseFiles(files: readonly SourceFile[]): ParsedFile[] {
  const config = {
    // Nothing is resolved or checked here; a name that leads nowhere is no concern of a parser.
    compilerOptions: { noResolve: true, noLib: true, types: [], noEmit: true },
    files: files.map(({ path }) => `${VIRTUAL_DIR}/${path}`),
  };
  const configPath = `${VIRTUAL_DIR}/tsconfig.json`;
  const texts = files.map(({ path, text }): [string, string] => [`${VIRTUAL_DIR}/${path}`, text]);
  const api = new API({
    cwd: VIRTUAL_DIR,
    fs: createVirtualFileSystem({
      ...Object.fromEntries(texts),
      [configPath]: JSON.stringify(config),
    }),
  });
  const snapshot = api.updateSnapshot({ openProjects: [configPath] });
  try {
    const project = snapshot.getProject(configPath);
    return files.map((file) => {
      const root = project?.program.getSourceFile(`${VIRTUAL_DIR}/${file.path}`);
      if (root === undefined) throw new Error(`the compiler did not parse ${file.path}`);
      return { ...file, root };
    });
  } finally {
    snapshot.dispose();
    api.close();
  }
}

/** Calls `visit` for every node of the tree, parents before their children. */
export function walkTree(node: Node, visit: (node: Node) => void): void {
  visit(node);
  node.forEachChild((child) => walkTree(child, visit));
}

/** The line of an offset, counted from 1. */
export function lineNumberAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

const LITERALS: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.StringLiteral,
  SyntaxKind.NoSubstitutionTemplateLiteral,
  SyntaxKind.TemplateHead,
  SyntaxKind.TemplateMiddle,
  SyntaxKind.TemplateTail,
  SyntaxKind.RegularExpressionLiteral,
]);

/** The text with the insides of strings, templates and regular expressions blanked out. */
export function blankLiterals({ root, text }: ParsedFile): string {
  let blanked = text;
  walkTree(root, (node) => {
    if (!LITERALS.has(node.kind)) return;
    const start = node.end - node.getText().length;
    const blanks = text.slice(start, node.end).replace(/[^\n]/g, " ");
    blanked = blanked.slice(0, start) + blanks + blanked.slice(node.end);
  });
  return blanked;
}

/** The comments of a file, with the offset of each. */
export function findComments(file: ParsedFile): { text: string; offset: number }[] {
  const comments = blankLiterals(file).matchAll(/\/\/.*|\/\*[\s\S]*?\*\//g);
  return Array.from(comments, ({ 0: text, index }) => ({ text, offset: index }));
}

/** What the file imports, as written: statements, re-exports, `import()`, types, and threads. */
export function findImports({ root }: ParsedFile): { specifier: string; offset: number }[] {
  const imports: { specifier: string; offset: number }[] = [];
  walkTree(root, (node) => {
    if (node.kind !== SyntaxKind.StringLiteral) return;
    if (!isModuleName(node)) return;
    imports.push({ specifier: node.getText().slice(1, -1), offset: node.getStart() });
  });
  return imports;
}

function isModuleName(literal: Node): boolean {
  const { parent } = literal;
  switch (parent.kind) {
    case SyntaxKind.ImportDeclaration:
    case SyntaxKind.ExportDeclaration:
      return true;
    case SyntaxKind.LiteralType:
      return parent.parent.kind === SyntaxKind.ImportType;
    case SyntaxKind.CallExpression:
      return /^import\s*\(/.test(parent.getText());
    case SyntaxKind.NewExpression:
      // `new URL("./x-thread.ts", import.meta.url)` names the file of a thread.
      return /^new URL\([^,]+, import\.meta\.url\)$/.test(parent.getText());
    default:
      return false;
  }
}
