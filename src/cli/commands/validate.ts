import { realpath } from "node:fs/promises";
import { exitCodes } from "../../contract/exit-codes.ts";
import type { LoadOptions } from "../../orchestrate/load-plan.ts";
import type { Table } from "../../report/table.ts";
import { formatPath, type ExperimentIssue } from "../../spec/issue.ts";
import type { CommandDeclaration } from "../command.ts";
import type { ExperimentFile } from "../experiment-files.ts";
import { annotateIssues, exitCodeOf, renderIssues } from "../issues.ts";
import { outputOption, printResult, type OutputFormat } from "../output.ts";
import { codeIdentity } from "../product.ts";
import { setOption } from "../set-option.ts";
import { openStoreAt, storeOption } from "../store-option.ts";

interface Validation {
  readonly file: string;
  readonly trials: number;
  readonly issues: readonly ExperimentIssue[];
  /** Set for a file that other files extend and that is no whole experiment by itself. */
  readonly isBase?: true;
}

interface ValidateOptions {
  readonly store: string;
  readonly output: OutputFormat;
  readonly set: readonly string[];
}

/** `nightsweep validate`: everything that is wrong with experiment files. */
export const validateCommand: CommandDeclaration = {
  name: "validate",
  configure: (command) =>
    command
      .description("Check experiments and say everything that is wrong with them")
      .argument("<files...>", "experiment files, folders with them, or patterns as 'experiments/**/*.yaml'")
      .addOption(setOption())
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText(
        "after",
        `
On GitHub Actions the problems are shown in the changed files as well.

Examples:
  nightsweep validate experiments
  nightsweep validate experiments/quickstart.yaml --output json`,
      )
      .action(async (files: string[], options: ValidateOptions) => validate(files, options)),
};

async function validate(given: readonly string[], { output, set, store: location }: ValidateOptions): Promise<void> {
  const { findExperimentFiles } = await import("../experiment-files.ts");
  const { files, empty } = await findExperimentFiles(given);
  const store = await openStoreAt(location);
  const checked: Validation[] = [];
  for (const { file } of files) checked.push(await validateFile(file, { settings: set, store }));
  const validations = [...(await markBases(checked, files)), ...empty.map(nothingFound)];
  const issues = validations.flatMap((validation) => validation.issues);
  await annotateIssues(issues);
  const texts = await Promise.all(validations.map(describe));
  const json = { schemaVersion: 1, files: validations.map(toJson) };
  await printResult({ json, table: issueTable(validations), human: () => texts.join("\n\n") }, output);
  process.exitCode = issues.length === 0 ? exitCodes.done : await exitCodeOf(issues);
}

async function validateFile(file: string, options: LoadOptions): Promise<Validation> {
  const { loadPlan } = await import("../../orchestrate/load-plan.ts");
  const loaded = await loadPlan(file, codeIdentity(), options);
  return "plan" in loaded
    ? { file, trials: loaded.plan.trials.length, issues: [] }
    : { file, trials: 0, issues: loaded.issues };
}

/** A file that was only found, that another one extends, and that lacks nothing but fields is no mistake. */
async function markBases(
  validations: readonly Validation[],
  files: readonly ExperimentFile[],
): Promise<readonly Validation[]> {
  const { listBases } = await import("../../spec/extend-experiment.ts");
  const bases = new Set((await Promise.all(files.map(({ file }) => listBases(file)))).flat());
  return Promise.all(
    validations.map(async (validation, index) => {
      const isIncomplete =
        validation.issues.length > 0 && validation.issues.every(({ code }) => code.startsWith("missing-"));
      if (!isIncomplete || files[index]?.isNamed !== false) return validation;
      const isBase = bases.has(await realpath(validation.file));
      return isBase ? { ...validation, issues: [], isBase } : validation;
    }),
  );
}

function nothingFound(argument: string): Validation {
  const issue: ExperimentIssue = {
    code: "missing-file",
    path: [],
    message: "no YAML file (*.yaml, *.yml) is there",
    fix: "check the folder or the pattern",
    position: { file: argument, line: 1, column: 1 },
  };
  return { file: argument, trials: 0, issues: [issue] };
}

function describe({ file, trials, issues, isBase }: Validation): Promise<string> {
  if (issues.length > 0) return renderIssues(file, issues);
  const what = isBase
    ? "a base of other files, checked with them"
    : `good, ${trials} ${trials === 1 ? "trial" : "trials"}`;
  return Promise.resolve(`${file}: ${what}`);
}

/** Issues with the range that editors mark: lines and columns from 1, the end behind the last character. */
function toJson({ issues, ...validation }: Validation): object {
  return {
    ...validation,
    issues: issues.map(({ end, position, path, ...issue }) => ({
      ...issue,
      path,
      pathText: formatPath(path),
      ...(position && {
        position,
        range: {
          start: { line: position.line, column: position.column },
          end: end ?? { line: position.line, column: position.column + 1 },
        },
      }),
    })),
  };
}

function issueTable(validations: readonly Validation[]): Table {
  const rows = validations.flatMap(({ file, issues }) =>
    issues.map(({ code, message, fix, position }) => ({
      file: position?.file ?? file,
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
