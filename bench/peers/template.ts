// Configuration files of peers with their placeholders filled in. Pure.

import { assert } from "../../src/base/assert.ts";

/** Replaces each `{{name}}`; every placeholder must have a value. */
export function fillTemplate(
  template: string,
  values: Readonly<Record<string, string | number>>,
): string {
  return template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    assert(value !== undefined, `a value for the placeholder ${name}`);
    return String(value);
  });
}
