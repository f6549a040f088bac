import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { confusionDiff, type ConfusionDiff } from "../../compare/confusion-diff.ts";
import { signed } from "../number-formats.ts";
import type { ReportData, SubjectConfusion } from "../report-data.ts";
import { decimalsFor, differenceCells } from "./matrix-cells.ts";
import { MatrixTable } from "./matrix-table.tsx";
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
      <p class="key">
        <span>
          <span class="tone hit" />A is better
        </span>
        <span>
          <span class="tone miss" />B is better
        </span>
        <span>
          A − B: accuracy {points(diff.accuracy)} · macro F1 {points(diff.macroF1)} percentage points · Cohen’s κ{" "}
          {signed(diff.cohensKappa, 4)}
        </span>
      </p>
      {!diff.hasSameSupport && (
        <p class="hint">A and B were not tested on equally many examples of every class: counts can’t be compared.</p>
      )}
      <div class={diff.classNames.length > 14 ? "matrix-layout wide" : "matrix-layout"}>
        <MatrixTable
          caption="A − B, predictions per trial; above 0: more in A"
          classNames={diff.classNames}
          cells={cells}
          totals={null}
        />
        <ChangeTable diff={diff} />
      </div>
    </>
  );
}

const shownChanges = 10;

function ChangeTable({ diff }: { readonly diff: ConfusionDiff }) {
  const changes = diff.mostChangedCells.slice(0, shownChanges);
  const decimals = decimalsFor(changes.flatMap(({ a, b }) => [a, b]));
  return (
    <div class="card scroll" tabIndex={0} role="region" aria-label="Largest differences">
      <table class="data-table">
        <caption>
          <span>{changes.length === 0 ? "No differences" : "Largest differences, per trial"}</span>
        </caption>
        <thead>
          <tr>
            <th scope="col">true</th>
            <th scope="col">predicted</th>
            <th scope="col" class="right">
              A
            </th>
            <th scope="col" class="right">
              B
            </th>
            <th scope="col" class="right">
              A − B
            </th>
          </tr>
        </thead>
        <tbody>
          {changes.map(({ trueClass, predictedClass, a, b, difference }) => (
            <tr key={`${trueClass} ${predictedClass}`}>
              <td>{trueClass}</td>
              <td>{trueClass === predictedClass ? "right" : predictedClass}</td>
              <td class="right">{a.toFixed(decimals)}</td>
              <td class="right">{b.toFixed(decimals)}</td>
              <td class="right">{signed(difference, decimals)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function points(share: number): string {
  return signed(share * 100, 2);
}
