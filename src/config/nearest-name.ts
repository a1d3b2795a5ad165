// Finds the name a person probably meant. Pure; used for unknown commands, flags, variables and names in
// the config file.

/** The closest of `names`, or undefined when none is close enough to be a slip of the hand. */
export function findNearestName(typed: string, names: readonly string[]): string | undefined {
  const begun = names.filter((name) => typed.length >= 3 && name.startsWith(typed));
  return begun.length === 1 ? begun[0] : findSlip(typed, names);
}

/** The closest of `names` that a slip of the hand makes of the typed word: not one that it only begins. */
export function findSlip(typed: string, names: readonly string[]): string | undefined {
  // Two slips in a long word, one in a short one: beyond that a suggestion is a guess.
  let nearestDistance = typed.length > 4 ? 2 : 1;
  let nearest: string | undefined;
  for (const name of names) {
    const distance = editDistance(typed, name);
    if (distance > nearestDistance || (distance === nearestDistance && nearest)) continue;
    nearest = name;
    nearestDistance = distance;
  }
  return nearest;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one word into the other. */
function editDistance(from: string, to: string): number {
  if (Math.abs(from.length - to.length) > 2) return 3;
  const rows = [Array.from({ length: to.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = rows[i - 1]![j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const swapped = isSwap ? rows[i - 2]![j - 2]! + 1 : replaced;
      row.push(Math.min(replaced, swapped, row[j - 1]! + 1, rows[i - 1]![j]! + 1));
    }
    rows.push(row);
  }
  return rows[from.length]![to.length]!;
}
