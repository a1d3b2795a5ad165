// The fields that let pages of other sites read the answers (Fetch standard, "CORS protocol"). Any
// page may: nothing here depends on who asks, and no answer on cookies.

import type { Fields } from "../http/reply.ts";

/** For every answer, errors among them: else a page learns of an error only that there was one. */
export const CORS_FIELDS: Fields = [
  ["Access-Control-Allow-Origin", "*"],
  [
    "Access-Control-Expose-Headers",
    "Content-Length, Content-Range, ETag, RateLimit, RateLimit-Policy, Retry-After",
  ],
];

/**
 * For the answer to OPTIONS, which browsers send first when a request is more than a plain GET. The
 * names stand beside the star for older browsers. A day is more than any browser remembers it.
 */
export const PREFLIGHT_FIELDS: Fields = [
  ["Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"],
  [
    "Access-Control-Allow-Headers",
    "*, Authorization, Cache-Control, Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Range, If-Unmodified-Since, Range",
  ],
  ["Access-Control-Max-Age", "86400"],
];
