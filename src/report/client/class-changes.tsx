import type { ClassChange, ConfusionDiff } from "../../compare/confusion-diff.ts";
import { signed } from "../number-formats.ts";
import { RankedTable, type RankedColumn } from "./ranked-table.tsx";

const shownClasses = 10;
const columns: readonly RankedColumn[] = [
  { label: "class" },
  { label: "precision", isNumber: true },
  { label: "recall", isNumber: true },
  { label: "F1", isNumber: true },
];

/** Which classes A does better on, and which B. */
export function ClassChanges({ diff }: { readonly diff: ConfusionDiff }) {
  return (
    <>
      <h3>By class, A − B in percentage points</h3>
      <div class="side-by-side">
        <ChangeList title="Better in A" classes={diff.better} />
        <ChangeList title="Better in B" classes={diff.worse} />
      </div>
    </>
  );
}

function ChangeList({ title, classes }: { readonly title: string; readonly classes: readonly ClassChange[] }) {
  const points = (share: number): string => signed(share * 100, 2);
  return (
    <RankedTable
      label={title}
      caption={`${title}: ${classes.length === 0 ? "no class" : `${classes.length} by F1`}`}
      columns={columns}
      rows={classes.slice(0, shownClasses).map(({ name, precision, recall, f1 }) => ({
        key: name,
        cells: [name, points(precision), points(recall), points(f1)],
      }))}
    />
  );
}
