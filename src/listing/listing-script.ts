// The only script of a listing page. Pure text. Called by listing-html.ts and, for the policy, by
// listing-style.ts. The page works without it; then Back may show the hits of before.

/**
 * What `onpageshow` of the body does: asks anew for a page that comes out of the back-forward cache.
 * Chromium keeps pages there in spite of `Cache-Control: no-store`
 * (developer.chrome.com/docs/web-platform/bfcache-ccns), and whoever opens a file and goes back
 * would not see it counted. No character in it has to be escaped.
 */
export const LISTING_SCRIPT = "if(event.persisted)location.reload()";
