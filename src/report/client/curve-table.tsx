import type { CurveLine, Quantity } from "./curve-lines.ts";
import { TableBelow } from "./table-below.tsx";

interface CurveTableProps {
  readonly lines: readonly CurveLine[];
  readonly quantity: Quantity;
  readonly format: (value: number) => string;
}

/** The chart's figures as a table: means over the seeds. */
export function CurveTable({ lines, quantity, format }: CurveTableProps) {
  return (
    <TableBelow
      name="learning curves"
      caption={`Mean ${quantity.toLowerCase()} over the seeds after each epoch, as measured`}
      columns={["epoch", ...lines.map(({ entry, partLabel }) => `${entry.label}, ${partLabel}`)]}
      rows={() => {
        const byEpoch = lines.map(
          ({ curve }) => new Map(curve.epochs.map((epoch, index) => [epoch, curve.mean[index]])),
        );
        const epochs = [...new Set(lines.flatMap(({ curve }) => curve.epochs))].sort((a, b) => a - b);
        return epochs.map((epoch) => [
          String(epoch),
          ...byEpoch.map((values) => {
            const value = values.get(epoch);
            return value === undefined ? "–" : format(value);
          }),
        ]);
      }}
    />
  );
}
