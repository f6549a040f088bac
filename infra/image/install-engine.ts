// Makes the native engine of an image while it is built: `node install-engine.ts cpu|gpu`. Only `src/engine` is there, so
// that the engine's layer stays the same when the product changes; the finished image tries it (`engine doctor`).
import { installNativeEngine } from "../../src/engine/install-native.ts";

const flavour = (["cpu", "gpu"] as const).find((each) => each === process.argv[2]);
if (flavour === undefined) throw new RangeError(`FLAVOUR is ${String(process.argv[2])}, expected cpu or gpu`);
const outcome = await installNativeEngine({
  variables: process.env,
  flavour,
  again: true,
  now: () => new Date(1000 * Number(process.env["SOURCE_DATE_EPOCH"] ?? 0)),
  log: (line) => console.error(line),
  selfTest: () => Promise.resolve(undefined),
});
if (outcome.type !== "installed") {
  console.error(outcome);
  process.exitCode = 1;
}
