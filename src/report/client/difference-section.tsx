import { useEffect, useMemo } from "preact/hooks";
import { confusionDiff, type ConfusionDiff } from "../../compare/confusion-diff.ts";
import type { ConfusionTable } from "../../compare/confusion-of.ts";
import { signed } from "../number-formats.ts";
import { ClassChanges } from "./class-changes.tsx";
import { DuelExamples, DuelSummary } from "./duel-examples.tsx";
import { predictionsOfBoth } from "./duel-predictions.ts";
import { decimalsFor, differenceCells } from "./matrix-cells.ts";
import { MatrixKey, MatrixLayout } from "./matrix-layout.tsx";
import { duelA, duelB, duelCell } from "./matrix-state.ts";
import { MatrixView } from "./matrix-view.tsx";
import { trialAt, type Model } from "./model.ts";
import { RankedTable, type RankedColumn } from "./ranked-table.tsx";
import { SubjectSelect } from "./subject-select.tsx";
import { matrixSubjectOf, tableOf, trialText, type MatrixSubject } from "./subjects.ts";

/** Where two configurations or trials decide differently. */
export function DifferenceSection({ model }: { readonly model: Model }) {
  const a = matrixSubjectOf(model, duelA.value || seedOfOnly(model, 0), 0);
  const b = matrixSubjectOf(model, duelB.value || seedOfOnly(model, 1), 1);
  useEffect(() => model.counts.ask([...(a?.trials ?? []), ...(b?.trials ?? [])]), [model, a?.label, b?.label]);
  if (!a || !b) return <p class="hint">There are no two matrices in this report.</p>;
  const swap = (): void => {
    const [textA, textB] = [a.text || textOf(a), b.text || textOf(b)];
    duelA.value = textB;
    duelB.value = textA;
  };
  const [tableA, tableB] = [tableOf(model, a), tableOf(model, b)];
  return (
    <>
      <div class="controls">
        <SubjectSelect model={model} label="A" subject={a} onChange={(text) => (duelA.value = text)} />
        <SubjectSelect model={model} label="B" subject={b} onChange={(text) => (duelB.value = text)} />
        <button type="button" onClick={swap}>
          Swap A and B
        </button>
      </div>
      {tableA && tableB ? (
        <Difference model={model} a={a} b={b} tableA={tableA} tableB={tableB} />
      ) : (
        <p class="hint">Reading the matrices…</p>
      )}
    </>
  );
}

/** A single configuration has seeds to be held against each other; of several it is the first two that are. */
function seedOfOnly(model: Model, place: number): string {
  const [only, ...others] = model.entries;
  if (only === undefined || others.length > 0) return "";
  const trial = only.trials.filter((index) => model.counts.has(index))[place];
  return trial === undefined ? "" : trialText(trialAt(model, trial));
}

function textOf({ entry }: MatrixSubject): string {
  return entry.row.configurationId.slice(0, 8);
}

interface DifferenceProps {
  readonly model: Model;
  readonly a: MatrixSubject;
  readonly b: MatrixSubject;
  readonly tableA: ConfusionTable;
  readonly tableB: ConfusionTable;
}

function Difference({ model, a, b, tableA, tableB }: DifferenceProps) {
  const hasSameClasses = tableA.classNames.join("\n") === tableB.classNames.join("\n");
  useEffect(() => model.mistakes.ask([...a.trials, ...b.trials]), [model, a.label, b.label]);
  const parts = model.mistakes.parts.value;
  const diff = useMemo(
    () => (hasSameClasses ? confusionDiff(tableA, tableB, predictionsOfBoth(model, a, b)) : null),
    [a.label, b.label, hasSameClasses, parts],
  );
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
        <MatrixView
          caption="A − B, predictions per trial; above 0: more in A"
          classNames={diff.classNames}
          cells={cells}
          totals={null}
          chosen={duelCell}
        />
        <ChangeTable diff={diff} />
      </MatrixLayout>
      <p class="hint">
        {diff.significance.note} {significanceText(diff)}
      </p>
      {diff.duel && <DuelSummary duel={diff.duel} />}
      {diff.duel && <DuelExamples model={model} a={a} b={b} duel={diff.duel} classNames={diff.classNames} />}
      <ClassChanges diff={diff} />
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
  { label: "adjusted p", isNumber: true },
];

function ChangeTable({ diff }: { readonly diff: ConfusionDiff }) {
  const changes = diff.mostChangedCells.slice(0, shownChanges);
  const decimals = decimalsFor(changes.flatMap(({ a, b }) => [a, b]));
  const pOf = new Map(
    diff.significance.cells.map(({ trueIndex, predictedIndex, adjustedP }) => [
      `${diff.classNames[trueIndex]} ${diff.classNames[predictedIndex]}`,
      adjustedP,
    ]),
  );
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
          pText(pOf.get(`${trueClass} ${predictedClass}`)),
        ],
      }))}
    />
  );
}

function pText(p: number | undefined): string {
  if (p === undefined) return "–";
  return p < 0.001 ? "< 0.001" : p.toFixed(3);
}

function significanceText({ significance: { cells, testedCells, level } }: ConfusionDiff): string {
  const found = cells.filter(({ adjustedP }) => adjustedP < level).length;
  return `Adjusted for ${testedCells} tested cells (Benjamini-Hochberg): ${found === 0 ? "none differs" : `${found} differ, framed in the matrix,`} by more than chance at ${level * 100} %.`;
}

function points(share: number): string {
  return signed(share * 100, 2);
}
