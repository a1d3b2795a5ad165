// The words that stand for blocks of addresses in flags. As data; read by address-block.ts.

/** This machine: a browser on it may come as either, and a proxy on it too. */
const local = ["127.0.0.0/8", "::1/128"] as const;

/** RFC 1918, RFC 4193, and what machines of one link give themselves (RFC 3927, RFC 4291 §2.5.6). */
const privateNetworks = [
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "fc00::/7",
  "169.254.0.0/16",
  "fe80::/10",
] as const;

/** By the words in lower case. `localhost` is the name of `local` that people type. */
export const namedBlocks: ReadonlyMap<string, readonly string[]> = new Map<
  string,
  readonly string[]
>([
  ["local", local],
  ["localhost", local],
  ["private", privateNetworks],
]);
