import { Argument, Option } from "commander";
import { publishedSystems } from "../../compare/published-systems.ts";
import { exitCodes, type ExitCode } from "../../contract/exit-codes.ts";
import type { EngineChoice } from "../../contract/trainer-environment.ts";
import { wasmHeapIssue } from "../../plan/wasm-heap.ts";
import type { Store } from "../../record/store.ts";
import type { CommandDeclaration } from "../command.ts";
import { engineOption, plannedEngineOf, sayEngine } from "../engine-option.ts";
import { asCliError } from "../expected-errors.ts";
import { refusal } from "../issues.ts";
import { integerFlag, outputOption, printResult, type OutputFormat } from "../output.ts";
import type { LeftOut, PlannedSystem } from "../reference-systems.ts";
import { setOption } from "../set-option.ts";
import { openStoreAt, storeOption } from "../store-option.ts";

interface ReferenceOptions {
  readonly store: string;
  readonly all?: true;
  readonly maxMinutes: number;
  readonly reportOnly?: true;
  readonly workers?: number;
  readonly engine: EngineChoice;
  readonly output: OutputFormat;
  readonly set: readonly string[];
}

/** A system that is asked for, and why it is not trained, if it isn't. */
interface ChosenSystem {
  readonly planned: PlannedSystem;
  readonly leftOut: LeftOut | undefined;
}

const names = publishedSystems.map(({ name }) => name);

/** `nightsweep reference`: trains the published systems and puts our figures beside theirs. */
export const referenceCommand: CommandDeclaration = {
  name: "reference",
  configure: (command) =>
    command
      .description("Train the published reference systems and print our figures beside the published ones")
      .addArgument(
        new Argument("[names...]", "which systems, however long they take (default: those that are quick)").choices(
          names,
        ),
      )
      .option(
        "--max-minutes <n>",
        "what is quick: the longest estimated time of a system",
        integerFlag(0, 10_000_000),
        10,
      )
      .addOption(new Option("-a, --all", "all systems whose data are there").conflicts(["maxMinutes"]))
      .option("--report-only", "train nothing: print what the store holds")
      .option(
        "-w, --workers <n>",
        "trials side by side (default: `resources.workers`, or as many as cores, memory and a measurement allow)",
        integerFlag(1, 256),
      )
      .addOption(engineOption("the native one where it is installed, else wasm"))
      .addOption(setOption())
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText(
        "after",
        `
Finished trials are not trained again. Ctrl-C works as in \`nightsweep run\`.

Examples:
  nightsweep reference
  nightsweep reference vgg16-mnist-224
  nightsweep reference --report-only --output md`,
      )
      .action((given: readonly string[], options: ReferenceOptions) => asCliError(() => reference(given, options))),
};

async function reference(given: readonly string[], options: ReferenceOptions): Promise<void> {
  const store = await openStoreAt(options.store);
  const { reportSystem } = await import("../reference-systems.ts");
  const { referenceResult } = await import("../reference-result.ts");
  const chosen = await chooseSystems(given, store, options);
  process.exitCode = options.reportOnly === true ? exitCodes.done : await trainAll(chosen, store, options);
  const outcomes = [];
  for (const { planned, leftOut } of chosen) outcomes.push(await reportSystem(store, planned, leftOut));
  await printResult(referenceResult(outcomes, options.set), options.output);
  if (process.exitCode === exitCodes.checkpointed || process.exitCode === exitCodes.interrupted)
    process.stderr.write("Stopped before all was trained. Run the same command again to go on.\n");
}

/** @throws CliError if a system that was named can't be planned */
async function chooseSystems(
  given: readonly string[],
  store: Store,
  { all, maxMinutes, reportOnly, engine, set }: ReferenceOptions,
): Promise<readonly ChosenSystem[]> {
  const { planSystem, whyLeftOut } = await import("../reference-systems.ts");
  const engineToTrain = reportOnly === true ? undefined : plannedEngineOf(engine);
  const chosen: ChosenSystem[] = [];
  for (const system of publishedSystems) {
    const isNamed = given.includes(system.name);
    if (given.length > 0 && !isNamed) continue;
    const planned = await planSystem(system, { store, settings: set, engine: engineToTrain });
    const issues = "issues" in planned.planned ? planned.planned.issues : [];
    // Without --set, data that aren't there and an engine that is too small are all that can be wrong with the experiments
    // that come with nightsweep.
    const isWrong = issues.some(({ code }) => !code.startsWith("data-") && code !== wasmHeapIssue);
    if (isWrong || (isNamed && issues.length > 0)) throw await refusal(planned.file, issues);
    const hasTimeLimit = all !== true && !isNamed && reportOnly !== true;
    chosen.push({ planned, leftOut: whyLeftOut(planned, hasTimeLimit ? maxMinutes : Infinity) });
  }
  return chosen;
}

/** Trains one system after another. @returns the exit code for all of them together */
async function trainAll(
  chosen: readonly ChosenSystem[],
  store: Store,
  { store: storeLocation, workers, engine }: ReferenceOptions,
): Promise<ExitCode> {
  const [{ train }, { listenToStopSignals }] = await Promise.all([import("../train.ts"), import("../stop-signals.ts")]);
  const signals = listenToStopSignals();
  sayEngine(engine);
  let exitCode: ExitCode = exitCodes.done;
  try {
    for (const { planned, leftOut } of chosen) {
      if (leftOut !== undefined || "issues" in planned.planned) continue;
      if (signals.stop.aborted) return exitCodes.checkpointed;
      const trained = await train(planned.planned.loaded, {
        store,
        storeLocation,
        workers,
        isCacheUsed: true,
        engine,
        signals,
      });
      if (trained.exitCode !== exitCodes.done) exitCode = trained.exitCode;
      if (signals.kill.aborted) return exitCodes.interrupted;
    }
  } finally {
    signals.end();
  }
  return exitCode;
}
