import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { confusionDiff, type ConfusionDiff } from "../../compare/confusion-diff.ts";
import { signed } from "../number-formats.ts";
import type { ReportData, SubjectConfusion } from "../report-data.ts";
import { decimalsFor, differenceCells } from "./matrix-cells.ts";
import { MatrixKey, MatrixLayout } from "./matrix-layout.tsx";
import { MatrixTable } from "./matrix-table.tsx";
import { RankedTable, type RankedColumn } from "./ranked-table.tsx";
import { SubjectSelect } from "./subject-select.tsx";

/** Where two configurations or trials decide differently. */
export function DifferenceSection({ data: { confusions } }: { readonly data: ReportData }) {
  const indexA = useSignal(0);
  const indexB = useSignal(1);
  const a = confusions[indexA.value];
  const b = confusions[indexB.value];
  const swap = (): void => {
    [indexA.value, indexB.value] = [indexB.value, indexA.value];
  };
  return (
    <>
      <div class="controls">
        <SubjectSelect
          label="A"
          confusions={confusions}
          value={indexA.value}
          onChange={(next) => (indexA.value = next)}
        />
        <SubjectSelect
          label="B"
          confusions={confusions}
          value={indexB.value}
          onChange={(next) => (indexB.value = next)}
        />
        <button type="button" onClick={swap}>
          Swap A and B
        </button>
      </div>
      {a && b && <Difference a={a} b={b} />}
    </>
  );
}

function Difference({ a, b }: { readonly a: SubjectConfusion; readonly b: SubjectConfusion }) {
  const hasSameClasses = a.table.classNames.join("\n") === b.table.classNames.join("\n");
  const diff = useMemo(() => (hasSameClasses ? confusionDiff(a.table, b.table) : null), [a, b]);
  const cells = useMemo(() => (diff ? differenceCells(diff) : []), [diff]);
  if (!diff) return <p class="hint">A and B are over different classes: they can't be compared class by class.</p>;
  return (
    <>
      <MatrixKey hit="A is better" miss="B is better">
        A − B: accuracy {points(diff.accuracy)} · macro F1 {points(diff.macroF1)} percentage points · Cohen’s κ{" "}
        {signed(diff.cohensKappa, 4)}
      </MatrixKey>
      {!diff.hasSameSupport && (
        <p class="hint">A and B were not tested on equally many examples of every class: counts can’t be compared.</p>
      )}
      <MatrixLayout classCount={diff.classNames.length}>
        <MatrixTable
          caption="A − B, predictions per trial; above 0: more in A"
          classNames={diff.classNames}
          cells={cells}
          totals={null}
        />
        <ChangeTable diff={diff} />
      </MatrixLayout>
    </>
  );
}

const shownChanges = 10;
const changeColumns: readonly RankedColumn[] = [
  { label: "true" },
  { label: "predicted" },
  { label: "A", isNumber: true },
  { label: "B", isNumber: true },
  { label: "A − B", isNumber: true },
];

function ChangeTable({ diff }: { readonly diff: ConfusionDiff }) {
  const changes = diff.mostChangedCells.slice(0, shownChanges);
  const decimals = decimalsFor(changes.flatMap(({ a, b }) => [a, b]));
  return (
    <RankedTable
      label="Largest differences"
      caption={changes.length === 0 ? "No differences" : "Largest differences, per trial"}
      columns={changeColumns}
      rows={changes.map(({ trueClass, predictedClass, a, b, difference }) => ({
        key: `${trueClass} ${predictedClass}`,
        cells: [
          trueClass,
          trueClass === predictedClass ? "right" : predictedClass,
          a.toFixed(decimals),
          b.toFixed(decimals),
          signed(difference, decimals),
        ],
      }))}
    />
  );
}

function points(share: number): string {
  return signed(share * 100, 2);
}
