// Where a server under test listens, and how many connections to it are open at once. The cases of a
// corpus are independent, so their waits for an answer that does not come run side by side.

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/** Enough for the waits not to add up, few enough for a server with few threads. */
const CONNECTIONS_MAX = 16;

/** Runs `act` for every item, a bounded number at a time; the results are in the items' order. */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  act: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = new Array(items.length);
  const iterator = items.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of iterator) results[index] = await act(item);
  };
  await Promise.all(Array.from({ length: CONNECTIONS_MAX }, work));
  return results;
}
