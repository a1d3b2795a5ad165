// Takes the rounds of a case: everyone warms up once, then A B C A B C …, so that all meet the same
// drift of the machine and the n-th rounds can be compared.

import type { Form } from "./form.ts";
import type { Series } from "./row.ts";

export interface Contender {
  readonly name: string;
  /** One measurement of about so many seconds; the first of each contender is its warm-up. */
  measure(seconds: number): Promise<number>;
}

export async function measureInTurn(
  contenders: readonly Contender[],
  form: Pick<Form, "warmUpSeconds" | "rounds" | "roundSeconds">,
): Promise<Series[]> {
  const warmUps: number[][] = [];
  for (const { measure } of contenders) warmUps.push([await measure(form.warmUpSeconds)]);
  if (form.rounds === 0) return seriesOf(contenders, warmUps);
  const rounds: number[][] = contenders.map(() => []);
  for (let round = 0; round < form.rounds; round++) {
    for (const [index, { measure }] of contenders.entries()) {
      rounds[index]?.push(await measure(form.roundSeconds));
    }
  }
  return seriesOf(contenders, rounds);
}

function seriesOf(contenders: readonly Contender[], rounds: readonly number[][]): Series[] {
  return contenders.map(({ name }, index) => ({ name, rounds: rounds[index] ?? [] }));
}
