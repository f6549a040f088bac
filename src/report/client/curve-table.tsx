import type { CurveAxis, CurveLine, Quantity } from "./curve-lines.ts";
import { TableBelow } from "./table-below.tsx";

interface CurveTableProps {
  readonly lines: readonly CurveLine[];
  readonly quantity: Quantity;
  readonly axis: CurveAxis;
  readonly format: (value: number) => string;
}

/** The chart's figures as a table: means over the seeds, by epoch, or over steps by step. */
export function CurveTable({ lines, quantity, axis, format }: CurveTableProps) {
  const row = axis === "step" ? "step" : "epoch";
  const placesOf = ({ x, curve }: CurveLine): readonly number[] => (axis === "step" ? x : curve.epochs);
  return (
    <TableBelow
      name="learning curves"
      caption={`Mean ${quantity.toLowerCase()} over the seeds after each ${row}, as measured`}
      columns={[row, ...lines.map(({ entry, partLabel }) => `${entry.label}, ${partLabel}`)]}
      rows={() => {
        const byPlace = lines.map((line) => new Map(placesOf(line).map((place, at) => [place, line.curve.mean[at]])));
        const places = [...new Set(lines.flatMap(placesOf))].sort((a, b) => a - b);
        return places.map((place) => [
          String(place),
          ...byPlace.map((values) => {
            const value = values.get(place);
            return value === undefined ? "–" : format(value);
          }),
        ]);
      }}
    />
  );
}
