// A process that writes into a store: for tests of races and kills. Parameters: mode, location, name.
import { openStore } from "../../src/record/open-store.ts";
import { increment } from "./shared-counter.ts";

const [mode, location = "", name = ""] = process.argv.slice(2);
const store = openStore(location);

/** Tries to be the first to write each of 40 objects; says which it won. */
async function race(): Promise<void> {
  const won: string[] = [];
  for (let index = 0; index < 40; index++) {
    const key = `trials/${index}.json`;
    if (await store.putIfAbsent(key, Buffer.from(name.repeat(5000)))) won.push(key);
  }
  process.send?.(won);
}

/** Adds 1 to a counter 25 times. */
async function count(): Promise<void> {
  for (let index = 0; index < 25; index++) await increment(store, "counter.json");
  process.send?.("done");
}

/** Adds 1 to a counter for ever; says each time that it has. */
async function countForever(): Promise<void> {
  for (;;) {
    await increment(store, "counter.json");
    process.send?.("added");
  }
}

/** Replaces objects for ever; each is one digit repeated. */
async function writeForever(): Promise<void> {
  for (let round = 0; ; round++) {
    await store.put(`runs/${round % 7}/metrics.jsonl`, new Uint8Array(200_000 + round).fill(48 + (round % 10)));
    await store.putIfAbsent(`runs/${name}/${round}.json`, new Uint8Array(100_000).fill(48 + (round % 10)));
  }
}

const modes: Record<string, () => Promise<void>> = { race, count, countForever, forever: writeForever };

process.on("message", () => {
  void modes[mode ?? ""]?.().then(() => process.disconnect());
});
process.send?.("ready");
