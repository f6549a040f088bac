import type { Comparison } from "../../compare/comparison.ts";
import { pValue } from "../number-formats.ts";
import type { Table, TableColumn, TableRow } from "../table.ts";
import type { BaselineTests } from "./baseline-tests.ts";
import { differingDimensions } from "./board-lines.ts";
import type { Dimension } from "./dimensions.ts";
import type { Entry, Model } from "./model.ts";

/** Which columns the leaderboard has between rank and seeds. */
export interface BoardColumns {
  readonly parameters: readonly Dimension[];
  readonly figures: readonly Dimension[];
  readonly facts: readonly Dimension[];
}

/** What is wanted of the columns. */
export interface ColumnChoice {
  readonly onlyDiffering: boolean;
  readonly hasAllFigures: boolean;
}

/** The columns for some configurations. */
export function boardColumns(model: Model, entries: readonly Entry[], choice: ColumnChoice): BoardColumns {
  const { comparison } = model.data;
  const ofGroup = (group: Dimension["group"]) => model.dimensions.filter((dimension) => dimension.group === group);
  const facts = ofGroup("fact").filter(({ key }) => key !== "failed");
  const parameters = ofGroup("parameter");
  const figures = ofGroup("figure").filter(({ key }) => choice.hasAllFigures || isMainFigure(key, comparison));
  return {
    parameters: choice.onlyDiffering ? differingDimensions(parameters, entries) : parameters,
    figures,
    facts: choice.onlyDiffering ? differingDimensions(facts, entries) : facts,
  };
}

/** What most readers look for; the other figures are a click away. */
export function isMainFigure(key: string, { rankedBy }: Pick<Comparison, "rankedBy">): boolean {
  return ["testAccuracy", "testLoss", rankedBy?.metric].includes(key);
}

/**
 * The leaderboard as a table to be copied: what is shown, with standard deviations and intervals as columns of their
 * own where the reader is a program; with a pinned baseline also the p values against it.
 */
export function boardTable(
  entries: readonly Entry[],
  columns: BoardColumns,
  { tests, isForPeople }: { readonly tests: BaselineTests; readonly isForPeople: boolean },
): Table {
  const dimensions = [...columns.parameters, ...columns.figures, ...columns.facts];
  return {
    columns: [
      { key: "rank", label: "rank", align: "right" },
      { key: "configuration", label: "configuration", align: "left" },
      ...dimensions.flatMap((dimension) => tableColumns(dimension, isForPeople)),
      ...(tests.size === 0 ? [] : testColumns),
      { key: "seeds", label: "seeds", align: "right" },
    ],
    rows: entries.map((entry) => ({
      rank: entry.row.rank ?? null,
      configuration: isForPeople ? entry.row.configurationId.slice(0, 8) : entry.row.configurationId,
      ...Object.fromEntries(
        dimensions.flatMap((dimension) => Object.entries(tableCells(dimension, entry, isForPeople))),
      ),
      ...testCells(tests, entry),
      seeds: entry.row.seeds.finished,
    })),
  };
}

const testColumns: readonly TableColumn[] = [
  { key: "welchAdjustedP", label: "p (Welch, Holm)", align: "right", format: pValue },
  { key: "pairedAdjustedP", label: "p (paired, Holm)", align: "right", format: pValue },
];

function testCells(tests: BaselineTests, { row }: Entry): TableRow {
  const test = tests.get(row.configurationId);
  return { welchAdjustedP: test?.welch?.adjustedP ?? null, pairedAdjustedP: test?.paired?.adjustedP ?? null };
}

function tableColumns({ key, label, kind, group }: Dimension, isForPeople: boolean): TableColumn[] {
  const align = kind === "number" ? "right" : "left";
  if (isForPeople || group !== "figure") return [{ key, label: isForPeople ? label : key, align }];
  return ["Mean", "Sd", "Low95", "High95"].map((part) => ({ key: `${key}${part}`, label: `${key}${part}`, align }));
}

function tableCells(
  { key, values, format, formatDelta, group }: Dimension,
  { row, index }: Entry,
  isForPeople: boolean,
) {
  const value = values[index] ?? null;
  if (group !== "figure") return { [key]: isForPeople ? format(value) : value };
  const summary = Object.entries(row.metrics).find(([name]) => name === key)?.[1];
  const sd = summary?.sd;
  if (isForPeople)
    return { [key]: sd === undefined ? format(value) : `${format(value)} ± ${formatDelta(sd).slice(1)}` };
  return {
    [`${key}Mean`]: value,
    [`${key}Sd`]: sd ?? null,
    [`${key}Low95`]: summary?.interval?.low ?? null,
    [`${key}High95`]: summary?.interval?.high ?? null,
  };
}
