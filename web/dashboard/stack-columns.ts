// Sums of columns for a plot of stacked layers. Pure. Called by plot-list.ts and plot-options.ts.

import type { Column } from "./column-store.ts";

/**
 * Layer i is the sum of the columns 0 to i, so the last one is the whole. Where the lowest column is null all
 * layers are: a gap goes through all of them.
 */
export function stackColumns(columns: readonly Column[]): (number | null)[][] {
  let below: (number | null)[] | undefined;
  return columns.map((column) => {
    const base = below;
    const layer = column.map((value, index) => {
      if (value === null) return null;
      if (base === undefined) return value;
      const floor = base[index] ?? null;
      return floor === null ? null : floor + value;
    });
    below = layer;
    return layer;
  });
}

/**
 * The layers in the order of drawing, the lowest last. Parts of a layer that add nothing are left out (null):
 * they would shine through along the edge of the layer that covers them, so that every spike would have a rim
 * in the colour of errors although there were none.
 */
export function hideEmptyParts(
  layers: readonly Column[],
  columns: readonly Column[],
): (number | null)[][] {
  return layers.map((layer, layerIndex) => {
    const own = columns[layerIndex]!;
    const isEmpty = (index: number): boolean => (own[index] ?? 0) === 0;
    return layer.map((sum, index) => {
      // The neighbours count too: a slope from zero begins at a second with nothing.
      const addsNothing = isEmpty(index - 1) && isEmpty(index) && isEmpty(index + 1);
      return layerIndex > 0 && addsNothing ? null : sum;
    });
  });
}

/** The indices of values that have no neighbour on either side, which a line does not show. */
export function findLonelyPoints(column: Column): number[] {
  const lonely: number[] = [];
  for (let index = 0; index < column.length; index++) {
    if ((column[index] ?? null) === null) continue;
    if ((column[index - 1] ?? null) === null && (column[index + 1] ?? null) === null) {
      lonely.push(index);
    }
  }
  return lonely;
}
