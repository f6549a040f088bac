import { percent } from "../number-formats.ts";
import type { ConfusionTable } from "../../compare/confusion-of.ts";

const shownPairs = 10;

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
    <div class="card scroll" tabIndex={0} role="region" aria-label="Most frequent mistakes">
      <table class="data-table">
        <caption>
          <span>{pairs.length === 0 ? "No mistakes" : "Most frequent mistakes"}</span>
        </caption>
        <thead>
          <tr>
            <th scope="col">true</th>
            <th scope="col">predicted</th>
            <th scope="col" class="right">
              count
            </th>
            <th scope="col" class="right">
              of true class
            </th>
          </tr>
        </thead>
        <tbody>
          {pairs.map(({ count, trueClass, predictedClass }) => (
            <tr key={`${trueClass?.name} ${predictedClass?.name}`}>
              <td>{trueClass?.name}</td>
              <td>{predictedClass?.name}</td>
              <td class="right">{count}</td>
              <td class="right">{percent(count / (trueClass?.support ?? 1))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
