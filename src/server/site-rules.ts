// The configuration as a server thread answers by it: what the flags say, with the rules among them made
// ready to be matched.

import type { ServeConfig } from "../config/serve-config.ts";
import { FileFields } from "../files/file-fields.ts";

export interface SiteRules extends ServeConfig {
  /** Names of the pages that folders are answered with: best first, one character a byte. */
  readonly indexNames: readonly string[];
  /** undefined: nothing is added, and Cache-Control is weir's own. */
  readonly fileFields: FileFields | undefined;
}

export function compileSiteRules(config: ServeConfig): SiteRules {
  const { cacheControl: cacheRules, headers: headerRules } = config;
  const indexNames = config.indexNames.map((name) => Buffer.from(name).toString("latin1"));
  const hasFields = cacheRules.length + headerRules.length > 0;
  const fileFields = hasFields ? new FileFields({ cacheRules, headerRules }) : undefined;
  return { ...config, indexNames, fileFields };
}
