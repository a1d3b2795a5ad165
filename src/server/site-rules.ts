// The rules of a site's configuration, made ready to be matched. One for each server thread.

import type { RedirectRule } from "../config/redirect-rule.ts";
import type { SiteConfig } from "../config/site-config.ts";
import { FileFields } from "../files/file-fields.ts";

export interface SiteRules {
  readonly spa: boolean;
  readonly cleanUrls: boolean;
  readonly cors: boolean;
  /** Names of the pages that folders are answered with: best first, one character a byte. */
  readonly indexNames: readonly string[];
  /** Under which path the folder is found; "" at the root. */
  readonly basePath: string;
  /** In order; usually none. */
  readonly redirects: readonly RedirectRule[];
  /** undefined: nothing is added, and Cache-Control is weir's own. */
  readonly fileFields: FileFields | undefined;
}

export function compileSiteRules(config: SiteConfig): SiteRules {
  const { spa, cleanUrls, cors, basePath, redirects, cacheRules, headerRules } = config;
  const indexNames = config.indexNames.map((name) => Buffer.from(name).toString("latin1"));
  const hasFields = cacheRules.length + headerRules.length > 0;
  const fileFields = hasFields ? new FileFields({ cacheRules, headerRules }) : undefined;
  return { spa, cleanUrls, cors, indexNames, basePath, redirects, fileFields };
}
