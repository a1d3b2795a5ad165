// What the Accept field (RFC 9110 §12.5.1) says about HTML and JSON, the two forms of pages, listings and errors.
// Pure. It looks at a bounded part of the field: a stranger writes it, also in requests that are refused, and
// must not decide what a refusal costs.

import { isBlank } from "./field-values.ts";

/** How much a client wants one type. */
export interface TypeWish {
  /** 0 to 1; 0: the client does not accept it, or does not mention it. */
  readonly weight: number;
  /**
   * How it is matched. 0: not at all; then by a wildcard for all types, by one for the subtypes, by its name, and by
   * its name with its charset.
   */
  readonly precision: number;
  /** Whether the client names it with a weight above 0, with whatever parameters. */
  readonly isNamed: boolean;
  /** Place in the list of the range that matches it; smaller is earlier. */
  readonly place: number;
}

export interface AcceptedForms {
  readonly html: TypeWish;
  readonly json: TypeWish;
}

/** Browsers send some 150 characters. The longest lists of other programs (registries, RDF) have some 600. */
export const ACCEPT_CHARS_MAX = 1024;
/** Browsers name 8 types, the other programs some 20. */
export const ACCEPT_RANGES_MAX = 32;

const ABSENT: TypeWish = { weight: 0, precision: 0, isNamed: false, place: 0 };
const [ANY, ANY_SUBTYPE, NAMED, WITH_CHARSET] = [1, 2, 3, 4] as const;
const HTML = "text/html";
const JSON_TYPE = "application/json";
/** The beginnings of ranges that may match one of the two types; all other ranges are skipped. */
const BEGINNINGS = ["*", "text/*", HTML, "application/*", JSON_TYPE] as const;

/**
 * What the bounds cut off does not count, and neither does an element that they cut in two, or a malformed one.
 */
export function readAccept(field: string): AcceptedForms {
  const isWhole = field.length <= ACCEPT_CHARS_MAX;
  const text = (isWhole ? field : field.slice(0, ACCEPT_CHARS_MAX)).toLowerCase();
  let html = ABSENT;
  let json = ABSENT;
  for (let start = 0, place = 0; start < text.length && place < ACCEPT_RANGES_MAX; place++) {
    while (isBlank(text.charCodeAt(start))) start++;
    const end = findElementEnd(text, start);
    if (end === text.length && !isWhole) break;
    if (mayMatch(text, start)) {
      const range = readRange(text.slice(start, end));
      html = preferred(html, range, HTML, place);
      json = preferred(json, range, JSON_TYPE, place);
    }
    start = end + 1;
  }
  return { html, json };
}

function mayMatch(text: string, start: number): boolean {
  return BEGINNINGS.some((beginning) => text.startsWith(beginning, start));
}

interface MediaRange {
  /** In lower case, without blanks. */
  readonly type: string;
  readonly weight: number;
  /** No offered type has any other parameter than a charset. */
  readonly parameters: "none" | "charset" | "others";
}

/** The most precise range that matches a type counts (§12.5.1); of equal ones the greatest weight, then the first. */
function preferred(known: TypeWish, range: MediaRange, type: string, place: number): TypeWish {
  const isNamed = known.isNamed || (range.type === type && range.weight > 0);
  const precision = precisionOf(range, type);
  const isLess = precision < known.precision;
  if (
    precision === 0 ||
    isLess ||
    (precision === known.precision && range.weight <= known.weight)
  ) {
    return isNamed === known.isNamed ? known : { ...known, isNamed };
  }
  return { weight: range.weight, precision, isNamed, place };
}

function precisionOf({ type, parameters }: MediaRange, offered: string): number {
  if (parameters === "others") return 0;
  if (type === offered) return parameters === "charset" ? WITH_CHARSET : NAMED;
  // A range of types has no charset.
  if (parameters === "charset") return 0;
  if (type === "*/*" || type === "*") return ANY;
  return type.endsWith("/*") && offered.startsWith(type.slice(0, -1)) ? ANY_SUBTYPE : 0;
}

/** Finds the comma behind the element, or the end of the text. A comma in a quoted string does not count. */
function findElementEnd(text: string, start: number): number {
  const comma = text.indexOf(",", start);
  const end = comma < 0 ? text.length : comma;
  const quote = text.indexOf('"', start);
  if (quote < 0 || quote > end) return end;
  let isQuoted = false;
  for (let at = quote; at < text.length; at++) {
    const char = text[at];
    if (char === '"') isQuoted = !isQuoted;
    else if (char === "\\" && isQuoted) at++;
    else if (char === "," && !isQuoted) return at;
  }
  return text.length;
}

/** A type, in lower case, and its parameters. */
function readRange(element: string): MediaRange {
  const [type = "", ...texts] = element.split(";");
  let weight = 1;
  let parameters = "none" as MediaRange["parameters"];
  for (const text of texts) {
    const [name = "", value = ""] = text.split("=", 2).map((part) => part.trim());
    if (name === "q") {
      weight = readWeight(value);
      // The extensions behind the weight say nothing about the type (RFC 7231 §5.3.2).
      break;
    }
    const isCharset = name === "charset" && /^"?utf-8"?$/.test(value);
    parameters = isCharset && parameters !== "others" ? "charset" : "others";
  }
  return { type: type.trim(), weight, parameters };
}

/** §12.4.2, and `.2` as Java writes it. Without a valid number the type is not accepted. */
function readWeight(text: string): number {
  return /^(?:\d+\.?\d*|\.\d+)$/.test(text) ? Math.min(1, Number(text)) : 0;
}
