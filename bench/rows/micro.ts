// What weir's own parts take of a request, in nanoseconds. No claims: they tell where time goes.

import { measureInTurn } from "../measure-in-turn.ts";
import type { Row } from "../row.ts";
import {
  admitOf,
  contendAlone,
  countAnswer,
  hitOf,
  logAnswer,
  parseOf,
} from "../shared-structures.ts";

/** More heads than a thread remembers: each is read anew. */
const MANY_PATHS = 100_000;

export const micro: Row = {
  name: "micro",
  title: "One step of a request, alone",
  targets: [],
  async measure({ form }) {
    const steps = [
      ["an admission", admitOf(1)],
      ["a hit", hitOf(1)],
      ["a head seen before", parseOf(1)],
      ["a head not seen before", parseOf(MANY_PATHS)],
      ["counting an answer for --admin", countAnswer()],
      ["a line of the log", logAnswer()],
    ] as const;
    const contenders = steps.map(([name, operate]) => contendAlone(name, operate));
    const series = await measureInTurn(contenders, form);
    return {
      cases: series.map((one) => ({
        name: one.name,
        unit: "ns",
        series: [{ ...one, name: "weir" }],
      })),
    };
  },
};
