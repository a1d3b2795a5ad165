// The facts of one source file for the shape tool and the rules: its lines, its imports, its functions, its
// constants, and the line ends of HTTP that it writes. One parse gives all of them. Pure.

import { posix } from "node:path";
import { type Node, SyntaxKind } from "typescript/unstable/ast";
import { isTest, type SourceFile } from "../rules/source-files.ts";
import {
  findImports,
  lineNumberAt,
  type ParsedFile,
  parseFiles,
  walkTree,
} from "../rules/syntax-tree.ts";

export interface FunctionFacts {
  /** As written before its parameters: `async #answer`. */
  readonly name: string;
  readonly line: number;
  readonly lineCount: number;
  readonly isAsync: boolean;
  readonly isGenerator: boolean;
  /** It has an `await` of its own, of any kind; one in a function inside it does not count. */
  readonly waits: boolean;
}

/** `const NAME = 64 * 1024` at the top level of a file. */
export interface PlainConstant {
  readonly name: string;
  readonly line: number;
}

export interface FileFacts {
  readonly path: string;
  readonly lineCount: number;
  /** Paths of the files that it imports, types and threads included, each once. */
  readonly imports: readonly string[];
  readonly functions: readonly FunctionFacts[];
  /** The lines of `\r\n` in strings and templates, one entry for each; comments do not count. */
  readonly lineEndLines: readonly number[];
  /** The lines of members that say `private`; a constructor can be hidden in no other way. */
  readonly privateLines: readonly number[];
  /** Constants of the module that hold a number, a text, a boolean or a pattern. */
  readonly plainConstants: readonly PlainConstant[];
  /** Names and whole strings that the code has, to find who speaks of a flag. */
  readonly words: ReadonlySet<string>;
}

const FUNCTIONS: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.FunctionDeclaration,
  SyntaxKind.FunctionExpression,
  SyntaxKind.ArrowFunction,
  SyntaxKind.MethodDeclaration,
  SyntaxKind.Constructor,
  SyntaxKind.GetAccessor,
  SyntaxKind.SetAccessor,
]);

const TEXTS: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.StringLiteral,
  SyntaxKind.NoSubstitutionTemplateLiteral,
  SyntaxKind.TemplateHead,
  SyntaxKind.TemplateMiddle,
  SyntaxKind.TemplateTail,
]);

const LITERALS: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.NumericLiteral,
  SyntaxKind.StringLiteral,
  SyntaxKind.NoSubstitutionTemplateLiteral,
  SyntaxKind.RegularExpressionLiteral,
  SyntaxKind.TrueKeyword,
  SyntaxKind.FalseKeyword,
]);

const CALCULATIONS: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.BinaryExpression,
  SyntaxKind.PrefixUnaryExpression,
  SyntaxKind.ParenthesizedExpression,
]);

const OPERATOR = /^[-+*/%<>&|^~!]+$/;

/** TypeScript that runs in the program: no test, and no `.d.ts`, which only says what a package exports. */
export function isProgram({ path }: Pick<SourceFile, "path">): boolean {
  return path.endsWith(".ts") && !path.endsWith(".d.ts") && !isTest(path);
}

/** Facts of TypeScript files, in the order given. */
export function readFacts(files: readonly SourceFile[]): FileFacts[] {
  return parseFiles(files).map(factsOf);
}

function factsOf(file: ParsedFile): FileFacts {
  const { path, text, root } = file;
  const functions: FunctionFacts[] = [];
  const lineEndLines: number[] = [];
  const privateLines: number[] = [];
  const words = new Set<string>();
  walkTree(root, (node) => {
    if (FUNCTIONS.has(node.kind)) functions.push(functionFacts(node, text));
    if (node.kind === SyntaxKind.Identifier) words.add(node.getText());
    if (node.kind === SyntaxKind.PrivateKeyword && node.parent.kind !== SyntaxKind.Constructor) {
      privateLines.push(lineNumberAt(text, node.end));
    }
    if (!TEXTS.has(node.kind)) return;
    const written = node.getText();
    words.add(written.slice(1, -1));
    const start = node.end - written.length;
    for (const { index } of written.matchAll(/\\r\\n/g)) {
      lineEndLines.push(lineNumberAt(text, start + index));
    }
  });
  return {
    path,
    lineCount: text.trimEnd().split("\n").length,
    imports: importsOf(file),
    functions,
    lineEndLines,
    privateLines,
    plainConstants: findPlainConstants(file),
    words,
  };
}

function findPlainConstants({ text, root }: ParsedFile): PlainConstant[] {
  const constants: PlainConstant[] = [];
  root.forEachChild((statement) => {
    if (statement.kind !== SyntaxKind.VariableStatement) return;
    walkTree(statement, (node) => {
      if (node.kind !== SyntaxKind.VariableDeclaration) return;
      const { name, initializer } = node as { readonly name?: Node; readonly initializer?: Node };
      const isOfModule = node.parent.parent === statement;
      if (!isOfModule || name === undefined || initializer === undefined) return;
      if (!/\bconst\s/.test(statement.getText()) || !isPlain(initializer)) return;
      constants.push({ name: name.getText(), line: lineNumberAt(text, node.getStart()) });
    });
  });
  return constants;
}

/** Whether an expression is a literal, or is calculated of literals alone. */
function isPlain(node: Node): boolean {
  if (LITERALS.has(node.kind)) return true;
  if (!CALCULATIONS.has(node.kind)) return false;
  let isPlainInside = true;
  node.forEachChild((child) => {
    if (!OPERATOR.test(child.getText())) isPlainInside &&= isPlain(child);
  });
  return isPlainInside;
}

function importsOf(file: ParsedFile): string[] {
  const paths = findImports(file)
    .filter(({ specifier }) => /^\..*\.ts$/.test(specifier))
    .map(({ specifier }) => posix.join(posix.dirname(file.path), specifier));
  return [...new Set(paths)];
}

function functionFacts(node: Node, text: string): FunctionFacts {
  const line = lineNumberAt(text, node.getStart());
  return {
    name: /^[^({]*/.exec(node.getText())?.[0].trim() || "a function",
    line,
    lineCount: lineNumberAt(text, node.end) - line + 1,
    isAsync: isAsync(node),
    isGenerator: (node as { readonly asteriskToken?: Node }).asteriskToken !== undefined,
    waits: waitsItself(node),
  };
}

function isAsync(node: Node): boolean {
  const { modifiers } = node as { readonly modifiers?: readonly Node[] };
  return modifiers?.some(({ kind }) => kind === SyntaxKind.AsyncKeyword) ?? false;
}

/** `await`, `for await` or `await using` between its braces, and outside of functions in it. */
function waitsItself(node: Node): boolean {
  let waits = false;
  node.forEachChild((child) => {
    if (waits || FUNCTIONS.has(child.kind)) return;
    waits = isWait(child) || waitsItself(child);
  });
  return waits;
}

function isWait(node: Node): boolean {
  if (node.kind === SyntaxKind.AwaitExpression) return true;
  if (node.kind === SyntaxKind.ForOfStatement) return /^for\s+await\b/.test(node.getText());
  return (
    node.kind === SyntaxKind.VariableDeclarationList && /^await\s+using\b/.test(node.getText())
  );
}
