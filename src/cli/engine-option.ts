import { Option } from "commander";
import { engineChoices, trainerVariables, type EngineChoice } from "../contract/trainer-environment.ts";
import { findNativeEngine } from "../engine/native-folder.ts";
import { nativeRelease } from "../engine/native-release.ts";
import type { PlannedEngine } from "../plan/check-configuration.ts";

/** The `--engine` flag. @param auto what `auto` means for the command */
export function engineOption(auto: string): Option {
  return new Option("--engine <name>", `what computes; auto = ${auto}`)
    .choices([...engineChoices])
    .env(trainerVariables.engine)
    .default("auto");
}

/** The engine that trials are expected to run on here; `auto` comes to the native one where it is installed. */
export function plannedEngineOf(choice: EngineChoice): PlannedEngine {
  if (choice !== "auto") return choice;
  return findNativeEngine(process.env).isInstalled ? "tensorflow" : "wasm";
}

/** Says on stderr which engine `auto` comes to for training, and why; nothing if one was named. */
export function sayEngine(choice: EngineChoice): void {
  if (choice !== "auto") return;
  const installation = findNativeEngine(process.env);
  const engine = installation.isInstalled
    ? `${named(installation.folder)} (${installation.reason})`
    : `wasm (tensorflow is faster, but ${installation.reason})`;
  process.stderr.write(`Engine: ${engine}\n`);
}

/** TensorFlow's version is known only of our own; another one says it when it is loaded. */
function named(folder: { readonly package?: string | undefined }): string {
  return folder.package === undefined ? `tensorflow ${nativeRelease.tensorflowVersion}` : "tensorflow";
}

/**
 * The engine for a trial that was recorded: `auto` comes to the one that made the record, where it is there, because
 * another one rounds differently.
 * @param recorded name of the engine in the record
 */
export function engineLikeRecord(choice: EngineChoice, recorded: string | undefined): EngineChoice {
  if (choice !== "auto") return choice;
  return recorded === "tensorflow" ? "auto" : "wasm";
}

/** Says on stderr that the embedded engine does not use the threads that an experiment asks for. */
export function sayThreads(threads: number | undefined, engine: PlannedEngine): void {
  if (threads === undefined || threads === 1 || engine !== "wasm") return;
  process.stderr.write(
    `Threads: resources.threads is ${threads}, but the engine wasm computes a trial with one; --workers uses the cores\n`,
  );
}
