import { availableParallelism } from "node:os";
import type { EngineChoice } from "../contract/trainer-environment.ts";
import { findNativeEngine } from "../engine/native-folder.ts";

/** How many trials of several threads each the cores are for; undefined = threads don't limit it. */
export function workersForThreads(
  threads: number | undefined,
  engine: EngineChoice,
  cores = availableParallelism(),
): number | undefined {
  if (threads === undefined || threads === 1 || !computesNatively(engine)) return undefined;
  return Math.max(1, Math.floor(cores / threads));
}

/** Says on stderr that the embedded engine does not use the threads that were asked for. */
export function sayThreads(threads: number | undefined, engine: EngineChoice): void {
  if (threads === undefined || threads === 1 || computesNatively(engine)) return;
  process.stderr.write(
    `Threads: resources.threads is ${threads}, but the engine wasm computes a trial with one; --workers uses the cores\n`,
  );
}

function computesNatively(engine: EngineChoice): boolean {
  return engine === "tensorflow" || (engine === "auto" && findNativeEngine(process.env).isInstalled);
}
