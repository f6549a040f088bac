import { exitCodes } from "../../contract/exit-codes.ts";
import { CliError } from "../cli-error.ts";
import type { CommandDeclaration } from "../command.ts";
import { asCliError } from "../expected-errors.ts";
import { findTarget } from "../find-target.ts";
import { integerFlag } from "../output.ts";
import { openStoreAt, storeOption } from "../store-option.ts";

interface LogsOptions {
  readonly store: string;
  readonly run?: string;
  readonly follow?: true;
  readonly lines?: number;
  readonly console?: true;
}

/** `nightsweep logs`: what trials print, also while they run. */
export const logsCommand: CommandDeclaration = {
  name: "logs",
  configure: (command) =>
    command
      .description("Print what trials printed, and with --follow what they print while they run")
      .argument("<target>", "experiment's name or YAML file, or the beginning of a run's or a trial's id")
      .argument("[trials...]", "ranks, or beginnings of ids (default: all that have begun)")
      .option("-f, --follow", "go on until all of them have ended, or nobody runs them any more")
      .option("-n, --lines <n>", "begin with the last n lines of each", integerFlag(0, 1e9))
      .option("--console", "of a run on AWS: all that the trials' containers printed, from CloudWatch")
      .option("-r, --run <id>", "a run's id or the beginning of it (default: the newest run)")
      .addOption(storeOption())
      .addHelpText(
        "after",
        `
Of several trials, each line begins with the trial's id. The logs of running trials are written every few seconds.
What a container printed before and after its trials (it could not start, it was killed) is in its console only.

Examples:
  nightsweep logs quickstart --follow
  nightsweep logs quickstart best --lines 20
  nightsweep logs quickstart 3f2a --console --store s3://my-bucket`,
      )
      .action((target: string, trials: readonly string[], options: LogsOptions) =>
        asCliError(() => logs(target, trials, options)),
      ),
};

async function logs(target: string, references: readonly string[], options: LogsOptions): Promise<void> {
  const store = await openStoreAt(options.store);
  const found = await findTarget(store, { target, run: options.run });
  const { console: isConsole, follow: isFollowed = false, lines } = options;
  if (isConsole && isFollowed) {
    const problem =
      "--console and --follow can't be given together\n  fix: follow without --console, or ask again later";
    throw new CliError(exitCodes.usage, problem);
  }
  const [{ loadRun }, { chooseTrials }, { printLogs }, { printConsoles }] = await Promise.all([
    import("../../record/load-run.ts"),
    import("../choose-trials.ts"),
    import("../print-logs.ts"),
    import("../print-console.ts"),
  ]);
  const { experiment, runId } = found.run;
  const records = await loadRun(store, experiment, runId, { parts: references.length === 0 ? [] : ["metrics"] });
  const trials = await chooseTrials(records, [...found.trialIds, ...references]);
  if (isConsole) await printConsoles({ store, records, trials, lines });
  else await printLogs({ store, records, trials, lines, isFollowed });
}
