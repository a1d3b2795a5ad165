// `npm run faces`: writes into test/rules/faces.ts what the rooms of src/ import from each other now. Look at
// the difference before committing it: a longer list is a decision.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { roomOf } from "../shape/rooms.ts";
import { formatFaces } from "../shape/shape-table.ts";
import { isProgram, readFacts } from "../shape/source-facts.ts";
import { roomsOf } from "../shape/tree-shape.ts";
import { REPOSITORY_DIR, readRepositoryFile, readSourceFiles } from "./source-files.ts";

const FILE = "test/rules/faces.ts";
/** The text before the entries. */
const OPENING = /^[\s\S]*FACES[^{]*\{\n/;

const [opening = ""] = OPENING.exec(readRepositoryFile(FILE)) ?? [];
const rooms = roomsOf(readFacts(readSourceFiles("src").filter(isProgram)), roomOf);
writeFileSync(join(REPOSITORY_DIR, FILE), `${opening}${formatFaces(rooms)}};\n`);
