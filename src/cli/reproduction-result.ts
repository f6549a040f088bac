import { exitCodes } from "../contract/exit-codes.ts";
import { isDifferent, type Circumstance } from "../orchestrate/reproduce/compare-circumstances.ts";
import { difference, type OutcomeComparison } from "../orchestrate/reproduce/compare-outcomes.ts";
import { renderTextTable } from "../report/render-text-table.ts";
import type { Table } from "../report/table.ts";
import type { CommandResult } from "./output.ts";
import type { Reproduction } from "./reproduce-trial.ts";

/** A reproduction as a command's result. */
export function reproductionResult(reproduction: Reproduction): CommandResult {
  const { exitCode: _, ...facts } = reproduction;
  const outcome = outcomeOf(reproduction);
  const circumstances = facts.circumstances.map((row) => ({ ...row, isDifferent: isDifferent(row) }));
  const table =
    reproduction.comparison === undefined ? circumstanceTable(reproduction) : figureTable(reproduction.comparison);
  const json = { schemaVersion: 1, outcome, ...facts, circumstances };
  return {
    json,
    table,
    human: () => render(reproduction).join("\n"),
  };
}

/** In one word: `equal`, `different`, `recordChanged`, `dataChanged`, `checked` or `notTrained`. */
function outcomeOf({ data, recordProblems, comparison, failure }: Reproduction): string {
  if (data !== undefined) return "dataChanged";
  if (recordProblems.length > 0) return "recordChanged";
  if (failure !== undefined) return "notTrained";
  if (comparison === undefined) return "checked";
  return comparison.isEqual ? "equal" : "different";
}

function render(reproduction: Reproduction): string[] {
  const { experiment, runId, trialId, seed, recordProblems, circumstances, data, comparison, failure } = reproduction;
  const changed = circumstances.filter(isDifferent);
  return [
    `${experiment}  run ${runId}  trial ${trialId}  seed ${seed}`,
    ...recordProblems.map(({ key, problem }) => `record: ${key} ${problem}`),
    ...(data === undefined ? [] : describeData(data)),
    ...(changed.length === 0
      ? ["the same as recorded: all that is known of code, versions and machine"]
      : ["not the same as recorded:", ...changed.map(describeChange)]),
    ...(failure === undefined ? [] : [`it could not be trained to its end: ${failure}`]),
    ...(comparison === undefined ? [] : ["", ...describeComparison(comparison)]),
    ...(reproduction.exitCode === exitCodes.differs && changed.some(({ isDecisive }) => isDecisive)
      ? ["This version of nightsweep gives other results on purpose; use the recorded one for the same bytes."]
      : []),
  ];
}

function describeData({ name, recorded, here, problem }: NonNullable<Reproduction["data"]>): string[] {
  const what = problem ?? `its SHA-256 is ${here?.slice(0, 12)}…, the trial was trained with ${recorded.slice(0, 12)}…`;
  return [
    `the data set "${name}" is not the one that the trial was trained with: ${what}`,
    "  fix: restore its files, or name the folder that has them with --data-root",
  ];
}

function describeChange({ what, recorded, here, isDecisive }: Circumstance): string {
  return `  ${what}: ${recorded} → ${here}${isDecisive ? " (other results must be expected)" : ""}`;
}

function describeComparison(comparison: OutcomeComparison): string[] {
  const { files, isEqual, largestWeightDifference } = comparison;
  if (isEqual)
    return [`reproduced: all ${files.length} files have the same SHA-256, ${figureCount(comparison)} are equal`];
  const other = files.filter(({ recorded, again }) => recorded !== again).map(({ name }) => name);
  return [
    `NOT reproduced: ${other.length} of ${files.length} files differ (${other.join(", ")})`,
    ...(largestWeightDifference === undefined
      ? []
      : [`largest difference of a weight: ${largestWeightDifference.toPrecision(3)}`]),
    renderTextTable(figureTable(comparison)),
  ];
}

function figureCount({ figures }: OutcomeComparison): string {
  return `${figures.length} figures`;
}

function figureTable({ figures }: OutcomeComparison): Table {
  return {
    columns: [
      { key: "figure", label: "figure", align: "left" },
      { key: "recorded", label: "recorded", align: "right", format: String },
      { key: "again", label: "again", align: "right", format: String },
      { key: "difference", label: "difference", align: "right", format: (value) => value.toPrecision(3) },
    ],
    rows: figures.map((pair) => ({ ...pair, difference: difference(pair) })),
  };
}

function circumstanceTable({ circumstances }: Reproduction): Table {
  const left = (key: string) => ({ key, label: key, align: "left" }) as const;
  return {
    columns: [left("what"), left("recorded"), left("here")],
    rows: circumstances.map(({ what, recorded, here }) => ({ what, recorded, here })),
  };
}
