// Waiting with a bound for what may never come: what hangs must not keep a process that ends, starts or
// asks its threads.

/** Whether `work` has come to its end, well or not, within `timeoutMs`. */
export async function settledWithin(work: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, false);
  });
  const settled = work.then(
    () => true,
    () => true,
  );
  const isSettled = await Promise.race([settled, timeUp]);
  clearTimeout(timer);
  return isSettled;
}
