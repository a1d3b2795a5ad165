// How the page writes numbers. Pure. Called by everything that shows one; it knows no element.

const wholeNumber = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** Shown where there is no number. */
export const NO_VALUE = "–";

/** `1,234,567`: exact for every integer that a JSON number can hold exactly. */
export function formatCount(count: number): string {
  return wholeNumber.format(count);
}

/** A rate per second, without its unit: `0`, `0.3`, `4.8`, `17`, `20,113`. */
export function formatRate(perSecond: number | null): string {
  if (perSecond === null) return NO_VALUE;
  if (perSecond >= 9.95 || Number.isInteger(perSecond)) return formatCount(perSecond);
  return perSecond.toFixed(1);
}

/** Three digits: `17 B`, `1.25 KiB`, `340 MiB`. */
export function formatBytes(bytes: number | null): string {
  if (bytes === null) return NO_VALUE;
  let value = bytes;
  let unitIndex = 0;
  // 999.5 and not 1024: a number that is rounded to 1,000 has one digit too many.
  while (value >= 999.5 && unitIndex < BYTE_UNITS.length - 1) {
    value /= 1024;
    unitIndex++;
  }
  const text = unitIndex === 0 ? formatCount(value) : formatThreeFigures(value);
  return `${text} ${BYTE_UNITS[unitIndex]}`;
}

/** Three digits: `0.34 ms`, `12.0 ms`, `1.25 s`. */
export function formatLatency(ms: number | null): string {
  if (ms === null) return NO_VALUE;
  if (ms < 0.995) return `${ms.toFixed(2)} ms`;
  return ms < 999.5 ? `${formatThreeFigures(ms)} ms` : `${formatThreeFigures(ms / 1000)} s`;
}

/** The same, but always in milliseconds and without the unit: `0.34`, `12.0`, `1,250`. */
export function formatMilliseconds(ms: number): string {
  return formatThreeFigures(ms);
}

/** `1 s`, `90 s`, `5 min`, `1 h`, `7 d`: a length that a person chose. */
export function formatLength(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  if (ms % 86_400_000 === 0) return `${ms / 86_400_000} d`;
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000} h`;
  if (ms % 60_000 === 0) return `${ms / 60_000} min`;
  return `${formatRate(ms / 1000)} s`;
}

/** `0 s`, `59 s`, `5 min 02 s`, `3 h 07 min`, `12 d 4 h`: two units, the larger first. */
export function formatUptime(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (minutes === 0) return `${seconds} s`;
  if (hours === 0) return `${minutes} min ${padTwo(seconds % 60)} s`;
  if (days === 0) return `${hours} h ${padTwo(minutes % 60)} min`;
  return `${days} d ${hours % 24} h`;
}

/** `0.4 s`, `12 s`, `3 min`: how long something has been waiting. */
export function formatWait(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  return seconds < 60 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

/** A share of the whole, 0 to 1, in percent: `0 %`, `7.3 %`, `100 %`. */
export function formatShare(share: number): string {
  const percent = share * 100;
  return `${percent > 0 && percent < 9.95 ? percent.toFixed(1) : Math.round(percent)} %`;
}

/** Local time of day: `19:04:32`, or without seconds. */
export function formatTimeOfDay(timeMs: number, withSeconds = true): string {
  const date = new Date(timeMs);
  const hoursAndMinutes = `${padTwo(date.getHours())}:${padTwo(date.getMinutes())}`;
  return withSeconds ? `${hoursAndMinutes}:${padTwo(date.getSeconds())}` : hoursAndMinutes;
}

function formatThreeFigures(value: number): string {
  if (value >= 99.95) return formatCount(value);
  return value.toFixed(value >= 9.995 ? 1 : 2);
}

function padTwo(value: number): string {
  return String(value).padStart(2, "0");
}
