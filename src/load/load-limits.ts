// Every bound of the load client, with its reason.

/**
 * Requests of the positional form that are open at once. Python's and most servers' accept queues
 * hold 128 to 511; more at once would measure the queue and not the server, and a shell allows 1024
 * open files by default on some systems, 256 on others.
 */
export const openConnectionCountMax = 250;

/** One day, as long as the longest duration a flag takes: the series keeps one entry a second. */
export const seriesSecondCountMax = 24 * 3600;

/** Seconds whose latencies are kept for their percentiles, some hundred bytes each and thread. */
export const percentileSecondCountMax = 3600;

/** How long a run that is over waits for the answers that are still on their way. */
export const drainMsMax = 5000;

/** As many as fit on the widest terminal. */
export const liveSecondCountMax = 120;
