import type { Store } from "../../src/record/store.ts";

/** Adds 1 to a number in a store that others change too. */
export async function increment(store: Store, key: string): Promise<void> {
  for (;;) {
    const current = await store.getVersioned(key);
    if (current === undefined) {
      if (await store.putIfAbsent(key, Buffer.from("1"))) return;
    } else {
      const next = Buffer.from(String(numberIn(current.bytes) + 1));
      if (await store.putIfMatch(key, next, current.version)) return;
    }
  }
}

/** The number, 0 if there is none. */
export async function counted(store: Store, key: string): Promise<number> {
  return numberIn(await store.get(key));
}

function numberIn(bytes: Uint8Array | undefined): number {
  return Number(new TextDecoder().decode(bytes ?? Buffer.from("0")));
}
