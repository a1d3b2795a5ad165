// The fields that let pages of other sites read the answers (Fetch standard, "CORS protocol"). Any
// page may: nothing here depends on who asks, and no answer on cookies.

import type { FieldLines } from "../http/reply.ts";

/** For every answer, errors among them: else a page learns of an error only that there was one. */
export const CORS_FIELDS: FieldLines =
  "Access-Control-Allow-Origin: *\r\nAccess-Control-Expose-Headers: Content-Length, Content-Range, ETag, RateLimit, RateLimit-Policy, Retry-After\r\n";

/**
 * For the answer to OPTIONS, which browsers send first when a request is more than a plain GET. The
 * names stand beside the star for older browsers. A day is more than any browser remembers it.
 */
export const PREFLIGHT_FIELDS: FieldLines =
  "Access-Control-Allow-Methods: GET, HEAD, OPTIONS\r\n" +
  "Access-Control-Allow-Headers: *, Authorization, Cache-Control, Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Range, If-Unmodified-Since, Range\r\n" +
  "Access-Control-Max-Age: 86400\r\n";
