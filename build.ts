// Makes what is published: dist/weir/, the program in a few files. Node loads a file in a third of a
// millisecond to a whole one, in each thread anew, and weir has some two hundred of them. Beside it
// the dashboard, as static files: dist/weir/dashboard/.
//
//   node build.ts [--out DIR]      DIR is dist/weir by default
//
// Types are taken out by Node itself (the same that runs the sources). Packages stay imports in the
// program, and are bundled into the dashboard's script: a browser has no node_modules.

import { copyFileSync, globSync, mkdirSync, rmSync } from "node:fs";
import { createRequire, stripTypeScriptTypes } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Plugin, rollup } from "@rollup/wasm-node";

const { values } = parseArgs({ options: { out: { type: "string", default: "dist/weir" } } });
const out = resolve(values.out);
const root = import.meta.dirname;
const uplotDir = dirname(createRequire(import.meta.url).resolve("uplot"));

const stripTypes: Plugin = {
  name: "strip-types",
  transform: (code, id) => ({
    code: id.endsWith(".ts") ? stripTypeScriptTypes(code) : code,
    map: null,
  }),
};

const findUplot: Plugin = {
  name: "find-uplot",
  resolveId: (id) => (id === "uplot" ? join(uplotDir, "uPlot.esm.js") : null),
};

interface Bundle {
  readonly input: Readonly<Record<string, string>>;
  readonly external: (id: string) => boolean;
  readonly plugins: readonly Plugin[];
  readonly dir: string;
}

async function writeBundle({ input, external, plugins, dir }: Bundle): Promise<void> {
  const bundle = await rollup({
    input,
    external,
    plugins: [...plugins],
    onwarn: (warning) => {
      throw new Error(warning.message);
    },
  });
  await bundle.write({ dir, format: "es", chunkFileNames: "[name]-[hash].js" });
  await bundle.close();
}

rmSync(out, { recursive: true, force: true });
// A thread's bundle is found by the name of its source, beside all others (src/base/threads.ts).
const entries = ["src/cli/main.ts", ...globSync("src/**/*-thread.ts", { cwd: root })];
await writeBundle({
  input: Object.fromEntries(entries.map((path) => [basename(path, ".ts"), resolve(root, path)])),
  external: (id) => !id.startsWith(".") && !id.startsWith("/"),
  plugins: [stripTypes],
  dir: out,
});

const pageDir = join(out, "dashboard");
mkdirSync(pageDir, { recursive: true });
await writeBundle({
  input: { main: resolve(root, "web/dashboard/main.ts") },
  external: () => false,
  plugins: [stripTypes, findUplot],
  dir: pageDir,
});
for (const name of ["index.html", "look.css", "dashboard.css", "tables.css"]) {
  copyFileSync(resolve(root, "web/dashboard", name), join(pageDir, name));
}
copyFileSync(join(uplotDir, "uPlot.min.css"), join(pageDir, "uplot.css"));
