// Closes a filler while the answer of its thread is on its way, then says so: run as a process of its own.
import { ThreadedFiller } from "../../../trainer/data/threaded-filler.ts";

const images = new Uint8Array(new SharedArrayBuffer(64));
const examples = { images, labels: new Uint8Array(1), count: 1 };
const filler = new ThreadedFiller({
  seed: 1,
  preparation: {},
  storedShape: [8, 8, 1],
  inputShape: [8, 8, 1],
  parts: { train: { examples, chosen: Uint32Array.of(0) } },
});
const buffers = () => ({
  images: new Float32Array(new SharedArrayBuffer(256)),
  labels: new Int32Array(new SharedArrayBuffer(4)),
});
const request = { part: "train", positions: Uint32Array.of(0) } as const;
await filler.prepare(request, buffers());
filler.prepare(request, buffers()).catch(() => undefined);
const end = performance.now() + 300;
while (performance.now() < end) Math.random();
await filler.close();
console.log("closed");
