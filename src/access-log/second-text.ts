// The text of a second, made once for all the lines of that second: a busy thread writes tens of
// thousands of them, and a Date for each would cost more than the rest of the line.

export class SecondText {
  private readonly format: (wallMs: number) => string;
  private startMs = Number.NaN;
  private text = "";

  /** @param format makes the text of the second that begins at `wallMs` */
  constructor(format: (wallMs: number) => string) {
    this.format = format;
  }

  /** @param wallMs milliseconds since 1970; any order, it is only slower when it jumps */
  at(wallMs: number): string {
    // Written so that the first comparison, with NaN, fails.
    if (!(wallMs >= this.startMs && wallMs < this.startMs + 1000)) {
      this.startMs = Math.floor(wallMs / 1000) * 1000;
      this.text = this.format(this.startMs);
    }
    return this.text;
  }
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `10/Oct/2000:13:55:36 +0000`, in UTC, as the Common Log Format has it. */
export function formatClfSecond(wallMs: number): string {
  const date = new Date(wallMs);
  const day = String(date.getUTCDate()).padStart(2, "0");
  const month = MONTHS[date.getUTCMonth()];
  return `${day}/${month}/${date.getUTCFullYear()}:${formatClockSecond(wallMs)} +0000`;
}

/** `13:55:36`, in UTC. */
export function formatClockSecond(wallMs: number): string {
  return new Date(wallMs).toISOString().slice(-13, -5);
}

/** `2000-10-10T13:55:36.`, in UTC: what stands before the milliseconds. */
export function formatIsoSecond(wallMs: number): string {
  return new Date(wallMs).toISOString().slice(0, -4);
}
