// Lengths of time as a sentence tells them: `15 minutes`, `3 hours and 20 minutes`. Pure.

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const WINDOW_UNITS = [
  [DAY, "day"],
  [HOUR, "hour"],
  [MINUTE, "minute"],
] as const;
/** Below these many seconds a wait is told in the smaller unit. */
const SECONDS_BELOW = 2 * MINUTE;
const MINUTES_BELOW = 2 * HOUR;
const HOURS_BELOW = 2 * DAY;

export function formatCounted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Behind "in any": `second`, `15 minutes`, `day`. @param windowMs whole seconds */
export function formatWindowWords(windowMs: number): string {
  const seconds = windowMs / 1000;
  const [unit, noun] = WINDOW_UNITS.find(([each]) => seconds % each === 0) ?? [1, "second"];
  return seconds === unit ? noun : formatCounted(seconds / unit, noun);
}

/** Behind "in": rounded up, so that who waits as long as told has waited long enough. */
export function formatWaitWords(seconds: number): string {
  if (seconds < SECONDS_BELOW) return formatCounted(seconds, "second");
  if (seconds < MINUTES_BELOW) return formatCounted(Math.ceil(seconds / MINUTE), "minute");
  if (seconds < HOURS_BELOW) return formatTwo(seconds, HOUR, "hour", MINUTE, "minute");
  return formatTwo(seconds, DAY, "day", HOUR, "hour");
}

function formatTwo(
  seconds: number,
  large: number,
  largeNoun: string,
  small: number,
  smallNoun: string,
): string {
  const smallCount = Math.ceil(seconds / small);
  const perLarge = large / small;
  const largeText = formatCounted(Math.floor(smallCount / perLarge), largeNoun);
  const rest = smallCount % perLarge;
  return rest === 0 ? largeText : `${largeText} and ${formatCounted(rest, smallNoun)}`;
}
