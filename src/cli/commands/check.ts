import { exitCodes } from "../../contract/exit-codes.ts";
import type { EngineChoice } from "../../contract/trainer-environment.ts";
import type { CommandDeclaration } from "../command.ts";
import { engineOption } from "../engine-option.ts";
import { asCliError } from "../expected-errors.ts";
import { integerFlag, outputOption, printResult, type OutputFormat } from "../output.ts";
import { storeOption } from "../store-option.ts";

interface CheckOptions {
  readonly store: string;
  readonly run?: string;
  readonly confirm: boolean;
  readonly workers?: number;
  readonly engine: EngineChoice;
  readonly output: OutputFormat;
}

/** `nightsweep check`: whether the newest night is worse than those before it. */
export const checkCommand: CommandDeclaration = {
  name: "check",
  configure: (command) =>
    command
      .description("Say whether the newest run is worse than those before it; a suspect one is run again first")
      .argument("<experiment>", "experiment's name or YAML file")
      .option("-r, --run <id>", "a run's id or the beginning of it (default: the newest run)")
      .option("--no-confirm", "don't run a suspect night again: the next night decides")
      .option("-w, --workers <n>", "trials side by side, if it is run again", integerFlag(1, 256))
      .addOption(engineOption("the native one where it is installed, else wasm"))
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText(
        "after",
        `
Exit code 5 if it is worse and that is confirmed, 0 otherwise. In GitHub Actions the verdict also goes into the step's
summary; --output md prints the same for pull requests. Rules: the section \`benchmark:\`; how it decides: docs/nightly.md

Examples:
  nightsweep run nightly.yaml --no-cache
  nightsweep check nightly.yaml
  nightsweep history nightly.yaml`,
      )
      .action((experiment: string, options: CheckOptions) => asCliError(() => check(experiment, options))),
};

async function check(target: string, options: CheckOptions): Promise<void> {
  const [{ checkNight, summariseForGithub }, { checkResult }] = await Promise.all([
    import("../check-benchmark.ts"),
    import("../benchmark-result.ts"),
  ]);
  const { store, run, confirm, workers, engine } = options;
  const checked = await checkNight({ target, run, store, isConfirmed: confirm, workers, engine });
  await summariseForGithub(checked);
  await printResult(checkResult(checked), options.output);
  process.exitCode = checked.verdict === "regressed" ? exitCodes.regressed : exitCodes.done;
}
