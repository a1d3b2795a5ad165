// How long to wait before trying the store again: twice as long each time, bounded, and spread, so that
// many servers do not all come back at one moment. Pure; chance is handed in.

export interface DelayBounds {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * @param attempt 1 and up: how often it has failed in a row
 * @param chance 0 to 1
 * @returns between half and the whole of the doubled delay
 */
export function retryDelayMs(bounds: DelayBounds, attempt: number, chance: number): number {
  const fullMs = Math.min(bounds.maxMs, bounds.firstMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(fullMs * (0.5 + chance / 2));
}
