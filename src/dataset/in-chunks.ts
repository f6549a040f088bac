const chunkSize = 16;

/** Applies an asynchronous function to all items, 16 at a time. @returns the outcomes in the items' order */
export async function inChunks<Item, Outcome>(
  items: readonly Item[],
  action: (item: Item, index: number) => Promise<Outcome>,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let start = 0; start < items.length; start += chunkSize) {
    const chunk = items.slice(start, start + chunkSize);
    outcomes.push(...(await Promise.all(chunk.map((item, offset) => action(item, start + offset)))));
  }
  return outcomes;
}
