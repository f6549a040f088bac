// A process that writes into a file store: for tests of races and kills. Parameters: mode, folder, name.
import { FileStore } from "../../src/record/file-store.ts";

const [mode, folder = "", name = ""] = process.argv.slice(2);
const store = new FileStore(folder);

/** Tries to be the first to write each of 40 objects; says which it won. */
async function race(): Promise<void> {
  const won: string[] = [];
  for (let index = 0; index < 40; index++) {
    const key = `trials/${index}.json`;
    if (await store.putIfAbsent(key, Buffer.from(name.repeat(5000)))) won.push(key);
  }
  process.send?.(won);
}

/** Replaces objects for ever; each is one digit repeated. */
async function writeForever(): Promise<void> {
  for (let round = 0; ; round++) {
    await store.put(`runs/${round % 7}/metrics.jsonl`, new Uint8Array(200_000 + round).fill(48 + (round % 10)));
    await store.putIfAbsent(`runs/${name}/${round}.json`, new Uint8Array(100_000).fill(48 + (round % 10)));
  }
}

process.on("message", () => {
  void (mode === "race" ? race() : writeForever()).then(() => process.disconnect());
});
process.send?.("ready");
