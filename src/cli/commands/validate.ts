import { exitCodes } from "../../contract/exit-codes.ts";
import type { Table } from "../../report/table.ts";
import type { ExperimentIssue } from "../../spec/issue.ts";
import type { CommandDeclaration } from "../command.ts";
import { renderIssues } from "../issues.ts";
import { outputOption, printResult, type OutputFormat } from "../output.ts";
import { codeIdentity } from "../product.ts";
import { openStoreAt, storeOption } from "../store-option.ts";

interface ValidateOptions {
  readonly store: string;
  readonly output: OutputFormat;
}

interface Validation {
  readonly file: string;
  readonly trials: number;
  readonly issues: readonly ExperimentIssue[];
}

/** `nightsweep validate`: everything that is wrong with experiment files. */
export const validateCommand: CommandDeclaration = {
  name: "validate",
  configure: (command) =>
    command
      .description("Check experiments and say everything that is wrong with them")
      .argument("<files...>", "experiment files")
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText("after", "\nExample:\n  nightsweep validate experiments/*.yaml")
      .action(async (files: string[], options: ValidateOptions) => validate(files, options)),
};

async function validate(files: readonly string[], options: ValidateOptions): Promise<void> {
  const store = await openStoreAt(options.store);
  const { loadPlan } = await import("../../orchestrate/load-plan.ts");
  const validations: Validation[] = [];
  for (const file of files) {
    const loaded = await loadPlan(file, codeIdentity(), store);
    validations.push(
      "plan" in loaded
        ? { file, trials: loaded.plan.trials.length, issues: [] }
        : { file, trials: 0, issues: loaded.issues },
    );
  }
  const texts = await Promise.all(validations.map(describe));
  const json = { schemaVersion: 1, files: validations };
  await printResult(
    {
      json,
      table: issueTable(validations),
      human: () => texts.join("\n\n"),
    },
    options.output,
  );
  process.exitCode = exitCodeOf(validations);
}

function describe({ file, trials, issues }: Validation): Promise<string> {
  return issues.length === 0
    ? Promise.resolve(`${file}: good, ${trials} ${trials === 1 ? "trial" : "trials"}`)
    : renderIssues(file, issues);
}

function exitCodeOf(validations: readonly Validation[]): number {
  const issues = validations.flatMap((validation) => validation.issues);
  if (issues.length === 0) return exitCodes.done;
  return issues.every(({ code }) => code === "missing-file") ? exitCodes.missingInput : exitCodes.invalidInput;
}

function issueTable(validations: readonly Validation[]): Table {
  const rows = validations.flatMap(({ file, issues }) =>
    issues.map(({ code, message, fix, position }) => ({
      file,
      line: position?.line ?? null,
      column: position?.column ?? null,
      code,
      message,
      fix,
    })),
  );
  const columns = ["file", "line", "column", "code", "message", "fix"].map(
    (key) => ({ key, label: key, align: "left" }) as const,
  );
  return { columns, rows };
}
