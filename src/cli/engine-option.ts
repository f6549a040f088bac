import { Option } from "commander";
import { engineChoices, trainerVariables, type EngineChoice } from "../contract/trainer-environment.ts";
import { findNativeEngine } from "../engine/native-folder.ts";
import { nativeRelease } from "../engine/native-release.ts";

/** The `--engine` flag. @param auto what `auto` means for the command */
export function engineOption(auto: string): Option {
  return new Option("--engine <name>", `what computes; auto = ${auto}`)
    .choices([...engineChoices])
    .env(trainerVariables.engine)
    .default("auto");
}

/** Which engine `auto` comes to for training, and why; undefined if one was named. */
export function explainEngine(choice: EngineChoice): string | undefined {
  if (choice !== "auto") return undefined;
  const installation = findNativeEngine(process.env);
  if (installation.isInstalled) return `Engine: tensorflow ${nativeRelease.tensorflowVersion} (it is installed)`;
  return `Engine: wasm (tensorflow is faster, but ${installation.reason})`;
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
