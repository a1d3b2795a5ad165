// Writes the tables of options into the README, between their two markers: `npm run options`.
// options-table.test.ts holds that this has been done.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatOptions } from "../../src/cli/options-table.ts";
import { serveGroups } from "../../src/config/serve-flags.ts";
import { REPOSITORY_DIR, readRepositoryFile } from "./source-files.ts";

const README = "README.md";
const BETWEEN_MARKERS = /(?<=<!-- options -->\n)[\s\S]*?(?=<!-- \/options -->)/;

const tables = formatOptions(serveGroups);
const readme = readRepositoryFile(README).replace(BETWEEN_MARKERS, () => `\n${tables}\n`);
writeFileSync(join(REPOSITORY_DIR, README), readme);
