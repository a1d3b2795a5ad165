// Makes what is published: dist/weir/, the program in a few files. Node loads a file in a third of a
// millisecond to a whole one, in each thread anew, and weir has some hundred and fifty of them.
//
//   node build.ts [--out DIR]      DIR is dist/weir by default
//
// Types are taken out by Node itself (the same that runs the sources), packages stay imports.

import { globSync, rmSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { basename, resolve } from "node:path";
import { parseArgs } from "node:util";
import { rollup } from "@rollup/wasm-node";

const { values } = parseArgs({ options: { out: { type: "string", default: "dist/weir" } } });
const out = resolve(values.out);
const root = import.meta.dirname;

// A file that starts a thread is found by its path beside the file that starts it.
const entries = ["src/cli/main.ts", ...globSync("src/**/*-thread.ts", { cwd: root })];
const bundle = await rollup({
  input: Object.fromEntries(entries.map((path) => [basename(path, ".ts"), resolve(root, path)])),
  external: (id) => !id.startsWith(".") && !id.startsWith("/"),
  plugins: [
    {
      name: "strip-types",
      transform: (code, id) => ({
        code: id.endsWith(".ts") ? stripTypeScriptTypes(code) : code,
        map: null,
      }),
    },
  ],
  onwarn: (warning) => {
    throw new Error(warning.message);
  },
});
rmSync(out, { recursive: true, force: true });
await bundle.write({ dir: out, format: "es", chunkFileNames: "[name]-[hash].js" });
await bundle.close();
