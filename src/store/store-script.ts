// A script that runs in the store, and the name by which the store knows it. Pure.

import { hash } from "node:crypto";

export interface StoreScript {
  readonly lua: string;
  /** SHA-1 of the text in hex: what EVALSHA takes. */
  readonly sha: string;
}

export function defineScript(lua: string): StoreScript {
  return Object.freeze({ lua, sha: hash("sha1", lua, "hex") });
}
