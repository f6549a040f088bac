import { percent } from "../number-formats.ts";
import type { ConfusionTable } from "../../compare/confusion-of.ts";
import { RankedTable, type RankedColumn } from "./ranked-table.tsx";

const shownPairs = 10;
const columns: readonly RankedColumn[] = [
  { label: "true" },
  { label: "predicted" },
  { label: "count", isNumber: true },
  { label: "of true class", isNumber: true },
];

/** The most frequent mistakes. */
export function PairTable({ table: { counts, classes } }: { readonly table: ConfusionTable }) {
  const pairs = counts
    .flatMap((row, trueIndex) =>
      row.map((count, predictedIndex) => ({
        count,
        trueClass: classes[trueIndex],
        predictedClass: classes[predictedIndex],
      })),
    )
    .filter(({ count, trueClass, predictedClass }) => count > 0 && trueClass !== predictedClass)
    .sort((a, b) => b.count - a.count)
    .slice(0, shownPairs);
  return (
    <RankedTable
      label="Most frequent mistakes"
      caption={pairs.length === 0 ? "No mistakes" : "Most frequent mistakes"}
      columns={columns}
      rows={pairs.map(({ count, trueClass, predictedClass }) => ({
        key: `${trueClass?.name} ${predictedClass?.name}`,
        cells: [trueClass?.name, predictedClass?.name, count, percent(count / (trueClass?.support ?? 1))],
      }))}
    />
  );
}
