// negotiator ships no types; this is the part of its interface that weir uses.

declare module "negotiator" {
  export default class Negotiator {
    constructor(request: { headers: Record<string, string | undefined> });
    mediaType(available: readonly string[]): string | undefined;
    encoding(
      available: readonly string[],
      options?: { preferred?: readonly string[] },
    ): string | undefined;
    encodings(available: readonly string[], options?: { preferred?: readonly string[] }): string[];
  }
}
