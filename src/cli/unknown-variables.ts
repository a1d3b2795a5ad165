// Variables of the environment that somebody set for weir and that do nothing: a slip in the name, or
// another way to write it. Only what is close to a variable of weir is mentioned. A fleet may use WEIR_
// names for purposes of its own, and Kubernetes and Docker set some for a service called "weir". Pure;
// called by main.ts.

import { type Flag, type FlagTable, isSwitch, variableOf } from "../config/flag.ts";
import { findSlip } from "../config/nearest-name.ts";
import { isServiceLink } from "./resolve-values.ts";

const PREFIX = "WEIR_";
/** Of a shorter name each slip is another word: a WEIR_TIP may well not be a WEIR_ZIP. */
const SLIP_LENGTH_MIN = 4;
/** Kubernetes: NAME_SERVICE_HOST, NAME_SERVICE_PORT_HTTP, NAME_PORT_8001_TCP_ADDR; and NAME_PORT, a URL. */
const OF_SERVICE = /_SERVICE_HOST$|_SERVICE_PORT(?:_|$)|_PORT_\d+_(?:TCP|UDP|SCTP)(?:_|$)/;

/** A line for each variable that looks like one of the command's flags and is none. */
export function describeUnknownVariables(flags: FlagTable, env: NodeJS.ProcessEnv): string[] {
  const known = new Set(flags.flatMap((flag) => flag.env ?? []));
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !known.has(name) && !OF_SERVICE.test(name))
    .filter((name) => env[name] !== "" && !isServiceLink(env[name]))
    .flatMap((name) => {
      const advice = adviseName(name, flags);
      return advice === undefined ? [] : `${name} in the environment has no effect: ${advice}`;
    });
}

function adviseName(name: string, flags: FlagTable): string | undefined {
  const withVariable = flags.filter(({ env }) => env !== undefined);
  const isNamedLike = ({ name: flagName }: Flag) => variableOf(flagName) === name;
  const renamed = withVariable.find(isNamedLike);
  if (renamed !== undefined) return `the variable of --${renamed.name} is ${renamed.env}`;
  const negated = withVariable.find(
    (flag) => isSwitch(flag) && variableOf(`no-${flag.name}`) === name,
  );
  if (negated !== undefined) return `write ${negated.env}=off`;
  const word = name.slice(PREFIX.length);
  if (word.length < SLIP_LENGTH_MIN) return undefined;
  const words = new Map(
    withVariable.map(({ name: flagName, env = "" }) => [
      variableOf(flagName).slice(PREFIX.length),
      env,
    ]),
  );
  const nearest = findSlip(word, [...words.keys()]);
  return nearest === undefined ? undefined : `did you mean ${words.get(nearest)}?`;
}
