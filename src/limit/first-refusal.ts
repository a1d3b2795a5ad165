// The line that the server prints when the limit refuses a request for the first time: which client it was,
// and which flag changes that. Without it, clients that send many requests at once, such as git or a video
// player, look broken. It is printed once, because the log has the rest. Runs on the main thread.

import { AddressSet, isLoopback, NAMED_BLOCKS, parseIpAddress } from "../base/ip-address.ts";

export interface RefusedClient {
  /** Its name in the limit: an address, or the first bits of one. */
  readonly client: string;
  /** Whether a proxy that is not trusted passed the request on for another client. */
  readonly isForwarded: boolean;
}

/** Returns a function that prints a line about the first refusal, and none about the others. */
export function createRefusalNotice(
  rateText: string,
  tell: (line: string) => void,
): (refusal: RefusedClient) => void {
  let hasTold = false;
  return (refusal) => {
    if (hasTold) return;
    hasTold = true;
    tell(formatFirstRefusal(rateText, refusal));
  };
}

/** One line, without its end. */
export function formatFirstRefusal(
  rateText: string,
  { client, isForwarded }: RefusedClient,
): string {
  const what = `${client} has reached the limit of ${rateText} and gets 429; later refusals are only in the log`;
  if (isForwarded) {
    return `${what} (it passes requests on for others: if it is your proxy, name it with --trust-proxy ${chooseProxyWord(client)})`;
  }
  return `${what} (change the limit with --rate, or free this client with --exempt ${chooseExemptWord(client)})`;
}

function chooseProxyWord(client: string): string {
  const address = parseIpAddress(client);
  return address !== undefined && isLoopback(address) ? "local" : client;
}

/** The word for this machine or the networks around it, if one has the client; otherwise the client itself. */
function chooseExemptWord(client: string): string {
  const address = parseIpAddress(client.replace(/\/\d+$/, ""));
  if (address === undefined) return client;
  const isIn = (word: string) =>
    new AddressSet(toBlocks(NAMED_BLOCKS.get(word) ?? [])).has(address);
  return ["local", "private"].find(isIn) ?? client;
}

function toBlocks(texts: readonly string[]) {
  return texts.map((text) => {
    const [address = "", bits] = text.split("/");
    return { address, prefixBits: Number(bits) };
  });
}
