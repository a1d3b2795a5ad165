// Makes Forwarded and X-Forwarded-For fields as an attacker would write them: addresses that are
// trusted, strange, or none, in every spelling, with parts missing, doubled and cut off.

import type { RandomNumbers } from "./random-numbers.ts";

const NODES = [
  "127.0.0.1",
  "127.0.0.9",
  "10.0.0.1",
  "192.0.2.77",
  "::1",
  "2001:db8::7",
  "::ffff:10.0.0.1",
  "unknown",
  "_hidden",
  "",
  "localhost",
  "fe80::1%eth0",
  "999.1.1.1",
];
const NAMES = ["for", "For", "by", "proto", "host", "f", ""];
const GARBAGE = ['"', "\\", "\\\\", ",", ";", "=", " ", "\t", "[", "]", ":", "\xe9", "%"];

/** One to three field lines, each with its end. */
export function makeForgedFields(random: RandomNumbers): string {
  return Array.from({ length: 1 + random.below(3) }, () => {
    const isForwarded = random.below(2) === 0;
    const name = random.oneOf(
      isForwarded ? ["Forwarded", "forwarded"] : ["X-Forwarded-For", "x-forwarded-for"],
    );
    return `${name}: ${makeForgedValue(random, isForwarded)}\r\n`;
  }).join("");
}

/** A value of one of the two fields; most of it well-formed. */
export function makeForgedValue(random: RandomNumbers, isForwarded: boolean): string {
  const elements = Array.from({ length: 1 + random.below(4) }, () => {
    if (random.below(8) === 0) return garbage(random);
    return isForwarded ? makeElement(random) : makeNode(random);
  });
  const value = elements.join(random.oneOf([",", ", ", " ,\t"]));
  return random.below(6) === 0 ? value.slice(random.below(value.length + 1)) : value;
}

function makeElement(random: RandomNumbers): string {
  const pairs = Array.from({ length: 1 + random.below(3) }, () => {
    const node = makeNode(random);
    const value = random.below(2) === 0 ? `"${node}"` : node;
    return `${random.oneOf(NAMES)}=${value}`;
  });
  return pairs.join(random.oneOf([";", "; ", ";;"]));
}

function makeNode(random: RandomNumbers): string {
  const node = random.oneOf(NODES);
  const name = random.below(3) === 0 ? `[${node}]` : node;
  return name + random.oneOf(["", "", "", ":80", ":_x", ":", ":99999"]);
}

function garbage(random: RandomNumbers): string {
  return Array.from({ length: 1 + random.below(6) }, () => random.oneOf(GARBAGE)).join("");
}
