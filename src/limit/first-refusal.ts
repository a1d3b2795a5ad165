// What the person who runs the server is told when the limit refuses for the first time: that it does,
// whom, and by which flag that is changed. Clients that ask for much at once, such as git or a video
// player, otherwise look broken. Once in a run: the log has the rest. Runs on the main thread.

import { AddressSet, isLoopback, NAMED_BLOCKS, parseIpAddress } from "../base/ip-address.ts";

export interface RefusedClient {
  /** As the limit names it: an address, or the first bits of one. */
  readonly client: string;
  /** Whether the request was passed on for somebody else, by one who is not trusted. */
  readonly isForwarded: boolean;
}

/** Tells of the first refusal, and of no other. */
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

/** One line without its end. */
export function formatFirstRefusal(
  rateText: string,
  { client, isForwarded }: RefusedClient,
): string {
  const what = `${client} has reached the limit of ${rateText} and gets 429; the log tells of all others`;
  if (isForwarded) {
    return `${what} (it passes requests on for others: if it is your proxy, name it with --trust-proxy ${chooseProxyWord(client)})`;
  }
  return `${what} (change the limit with --rate, or free this client with --exempt ${chooseExemptWord(client)})`;
}

function chooseProxyWord(client: string): string {
  const address = parseIpAddress(client);
  return address !== undefined && isLoopback(address) ? "local" : client;
}

/** The word for this machine or for the networks around it; otherwise the client itself. */
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
