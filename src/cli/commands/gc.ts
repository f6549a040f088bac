import { InvalidArgumentError } from "commander";
import { exitCodes } from "../../contract/exit-codes.ts";
import { CliError } from "../cli-error.ts";
import type { CommandDeclaration } from "../command.ts";
import { asCliError } from "../expected-errors.ts";
import { integerFlag, outputOption, printResult, type OutputFormat } from "../output.ts";
import { openStoreAt, storeOption } from "../store-option.ts";

interface GcOptions {
  readonly store: string;
  readonly keepLast?: number;
  readonly olderThan?: string;
  readonly maxSize?: number;
  readonly checkpoints?: true;
  readonly yes?: true;
  readonly output: OutputFormat;
}

/** `nightsweep gc`: frees what isn't needed any more. */
export const gcCommand: CommandDeclaration = {
  name: "gc",
  configure: (command) =>
    command
      .description("Remove checkpoints that nobody needs, and old runs by number, age or size")
      .option("--keep-last <n>", "remove runs but for the newest n of each experiment", integerFlag(0, 1e9))
      .option("--older-than <time>", "remove runs that were made and last run longer ago, e.g. 30d")
      .option("--max-size <size>", "remove the oldest runs until no more is left, e.g. 10GB", parseSize)
      .option("--checkpoints", "of those runs, only the checkpoints; of all runs, also those that are kept on purpose")
      .option("-y, --yes", "do it; without it, only say what would be removed")
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText(
        "after",
        `
Without a rule: the checkpoints of finished trials, unless training.checkpoint.keep asks for them, claims that nobody
holds of trials that are finished or gone, and what an interrupted cleaning has left. With several rules, a run goes if
all of them say so; --max-size takes the oldest of these. Trials that other runs have taken over, or whose weights other
models start from, stay; so do runs that a process may be running.

Examples:
  nightsweep gc
  nightsweep gc --keep-last 5 --older-than 30d --yes`,
      )
      .action((options: GcOptions) => asCliError(() => gc(options))),
};

async function gc({ keepLast, olderThan, maxSize, checkpoints, ...options }: GcOptions): Promise<void> {
  const store = await openStoreAt(options.store);
  const [{ surveyRuns }, { planCleaning }, { collectGarbage, loadOwners }, { garbageResult }, idleClaims] =
    await Promise.all([
      import("../../record/garbage/survey-runs.ts"),
      import("../../record/garbage/select-runs.ts"),
      import("../../record/garbage/collect-garbage.ts"),
      import("../garbage-result.ts"),
      import("../../record/garbage/idle-claims.ts"),
    ]);
  const olderThanMs = olderThan === undefined ? undefined : await parseAge(olderThan);
  const now = new Date();
  const listed = await idleClaims.listClaims(store);
  const runs = await surveyRuns(store, now.getTime());
  const owners = await loadOwners(store, runs);
  const rules = { keepLast, olderThanMs, maxBytes: maxSize, checkpointsOnly: checkpoints === true };
  const plan = planCleaning(runs, rules, { owners, nowMs: now.getTime() });
  const claims = await idleClaims.findIdleClaims(store, { listed, runs, removedRuns: plan.removedRuns, owners });
  const isDone = options.yes === true;
  if (isDone) {
    await collectGarbage(store, plan, { runs, now });
    await idleClaims.removeIdleClaims(store, claims);
  }
  await printResult(garbageResult(plan, { claims, isDone }), options.output);
}

async function parseAge(text: string): Promise<number> {
  const { durationSchema, durationSeconds } = await import("../../spec/schema/duration.ts");
  const parsed = durationSchema.safeParse(text);
  if (parsed.success) return 1000 * durationSeconds(parsed.data);
  throw new CliError(
    exitCodes.usage,
    `--older-than: got "${text}", expected a time span in s, m, h or d, e.g. 30d or 12h`,
  );
}

const sizeUnits: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

function parseSize(text: string): number {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?) ?([kmgt]?)b?$/i.exec(text) ?? [];
  const factor = sizeUnits[unit.toLowerCase()];
  if (amount === undefined || factor === undefined)
    throw new InvalidArgumentError("expected a size in B, kB, MB, GB or TB, e.g. 10GB");
  return Number(amount) * factor;
}
