import type { Comparison, ConfigurationRow, TrialRow } from "../../compare/comparison.ts";
import type { ConfusionTable } from "../../compare/confusion-of.ts";
import { topConfusedPairs } from "../../compare/confused-pairs.ts";
import type { PlannedModel, ResolvedTrial } from "../../plan/plan.ts";
import { shownFigures, trialFigure, type Figure } from "../figures.ts";
import { fixedDecimals, grouped } from "../number-formats.ts";
import { renderMarkdownTable } from "../render-markdown.ts";
import type { Table, TableColumn, TableRow } from "../table.ts";

const left = (key: string, label = key): TableColumn => ({ key, label, align: "left" });
const right = (key: string, label = key, format?: (value: number) => string): TableColumn => ({
  key,
  label,
  align: "right",
  ...(format && { format }),
});
const four = fixedDecimals(4);
const shownPairs = 10;

/** A line for each figure: of the trial, and over the seeds of its configuration. */
export function figureTable(
  comparison: Comparison,
  {
    row,
    configuration,
    confusion,
  }: {
    readonly row: TrialRow;
    readonly configuration: ConfigurationRow | undefined;
    readonly confusion: ConfusionTable;
  },
): Table {
  const seeds = configuration?.seeds.finished ?? 0;
  return {
    columns: [
      left("figure", ""),
      right("trial", "this trial"),
      right("seeds", `over ${seeds} seeds`),
      right("interval", "95 %"),
    ],
    rows: shownFigures(comparison, "all").flatMap((figure): TableRow[] => {
      const value = trialFigure(row, figure);
      if (value === null) return [];
      const own = figure.key === "testAccuracy" ? confusion.accuracyInterval : undefined;
      const wilson = own && ` (Wilson ${figure.formatSpread(own.low)} … ${figure.formatSpread(own.high)})`;
      return [
        {
          figure: figure.label,
          trial: `${figure.format(value)}${wilson ?? ""}`,
          ...overSeeds(figure, configuration),
        },
      ];
    }),
  };
}

function overSeeds({ key, format, formatSpread }: Figure, configuration: ConfigurationRow | undefined): TableRow {
  const summary = key === "seconds" ? undefined : configuration?.metrics[key];
  if (summary?.sd === undefined) return {};
  const { mean, sd, interval } = summary;
  return {
    seeds: `${format(mean)} ± ${formatSpread(sd)}`,
    interval: interval === undefined ? null : `${formatSpread(interval.low)} … ${formatSpread(interval.high)}`,
  };
}

/** A line for each class. */
export function classTable({ classes }: ConfusionTable): Table {
  return {
    columns: [
      left("name", "class"),
      right("support", "examples", grouped),
      right("precision", "precision", four),
      right("recall", "recall", four),
      right("f1", "F1", four),
    ],
    rows: classes.map(({ name, support, precision, recall, f1 }) => ({ name, support, precision, recall, f1 })),
  };
}

/** Which classes are taken for which others, as Markdown; the most frequent first. */
export function confusedPairs(table: ConfusionTable): string {
  const pairs = topConfusedPairs(table, shownPairs);
  if (pairs.length === 0) return "None: all test examples are predicted right.";
  return renderMarkdownTable({
    columns: [
      left("trueClass", "true class"),
      left("predictedClass", "predicted as"),
      right("count", "examples", grouped),
      right("share", "of the class", (share) => `${(100 * share).toFixed(1)} %`),
    ],
    rows: pairs.map((pair) => ({ ...pair })),
  });
}

/** A line for each layer, from input to output. */
export function architectureTable({ layers }: PlannedModel): Table {
  return {
    columns: [left("name", "layer"), left("type"), left("shape", "output"), right("parameters", "parameters", grouped)],
    rows: layers.map(({ name, layer, outputShape, parameterCount }) => ({
      name,
      type: layer.type,
      shape: outputShape.join(" × "),
      parameters: parameterCount,
    })),
  };
}

/** A line for each field of the training, and the seed. */
export function trainingTable({ training, seed }: ResolvedTrial): Table {
  const rows = Object.entries(training)
    .filter(([, value]) => value !== undefined)
    .map(([field, value]) => ({ field, value: inWords(value) }));
  return { columns: [left("field", ""), left("value", "")], rows: [...rows, { field: "seed", value: String(seed) }] };
}

/** Maps as `adam, learningRate 0.001`. */
function inWords(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return value.map(inWords).join(", ");
  return Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .map(([key, part]) => (key === "type" ? inWords(part) : `${key} ${inWords(part)}`))
    .join(", ");
}
