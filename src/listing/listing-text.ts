// Numbers and dates as a listing shows them to a person. Pure; called by listing-html.ts.

const UNITS = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/** `17 B`, `1.2 KiB`, `340 MiB`: three digits or two and a fraction, never 1024 of a unit. */
export function formatSize(sizeBytes: number): string {
  if (sizeBytes < 1024) return `${sizeBytes} B`;
  let amount = sizeBytes;
  let text = "";
  for (const unit of UNITS) {
    amount /= 1024;
    text = `${amount.toFixed(amount < 99.95 ? 1 : 0)} ${unit}`;
    if (amount < 1023.5) break; // from here on it would be rounded to 1024
  }
  return text;
}

/** `1,234,567`, whatever the locale. */
export function formatGrouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

export function formatCount(count: number, one: string, many: string): string {
  return `${formatGrouped(count)} ${count === 1 ? one : many}`;
}

/** `2026-11-23 15:00` from `2026-11-23T15:00:00.000Z`. */
export function formatMinute(isoDate: string): string {
  return isoDate.slice(0, -":00.000Z".length).replace("T", " ");
}
