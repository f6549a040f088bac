// `node engine-self-test.js <engine>`: starts an engine, tries it, and prints a report as the last line of stdout. A process
// of its own, because a native library that does not fit ends the process that loads it.
import { exitCodes } from "../src/contract/exit-codes.ts";
import type { EngineReport } from "../src/contract/engine-report.ts";
import { findNativeEngine, nativeFolder } from "../src/engine/native-folder.ts";
import type { Engine } from "./engine/engine.ts";
import { selfTest } from "./engine/self-test.ts";
import { createTensorflowEngine } from "./engine/tensorflow/tensorflow-engine.ts";
import { createWasmEngine } from "./engine/wasm-engine.ts";

async function report(name: string | undefined): Promise<EngineReport> {
  const begin = performance.now();
  const engine = await start(name);
  const startMilliseconds = Math.round(performance.now() - begin);
  const { version, threads, details = {} } = engine;
  return { name: engine.name, version, threads, details, startMilliseconds, checks: selfTest(engine) };
}

function start(name: string | undefined): Promise<Engine> {
  if (name === "wasm") return createWasmEngine();
  // While it is being installed, its build is not to be found yet.
  const flavour = (["cpu", "gpu"] as const).find((each) => name === `tensorflow-${each}`);
  if (flavour !== undefined) return createTensorflowEngine({ files: nativeFolder(process.env, flavour) });
  if (name === "tensorflow") return createTensorflowEngine({ files: findNativeEngine(process.env).folder });
  throw new RangeError(`there is no engine ${String(name)}: wasm or tensorflow`);
}

const found = await report(process.argv[2]);
process.stdout.write(`\n${JSON.stringify(found)}\n`);
process.exitCode = found.checks.every(({ isPassed }) => isPassed) ? exitCodes.done : exitCodes.bug;
