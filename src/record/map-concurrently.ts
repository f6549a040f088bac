/** Enough to hide the latency of a bucket, few enough for any limit on open files. */
const maxConcurrent = 64;

/** Applies an asynchronous function to all items, at most 64 (or `limit`) at a time. @returns the outcomes in the items' order */
export async function mapConcurrently<Item, Outcome>(
  items: readonly Item[],
  action: (item: Item, index: number) => Promise<Outcome>,
  limit = maxConcurrent,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = Array.from({ length: items.length });
  const remaining = items.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of remaining) outcomes[index] = await action(item, index);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
  return outcomes;
}
