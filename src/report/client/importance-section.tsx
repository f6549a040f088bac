import { columnLabels } from "../describe-configuration.ts";
import { figureOf } from "../figures.ts";
import { percent, pText, signed } from "../number-formats.ts";
import type { Model } from "./model.ts";

/** Below this, the forest explains too little for its shares to say much. */
const littleExplained = 0.3;

/** Which swept fields matter for the metric that ranks. */
export function ImportanceSection({ model }: { readonly model: Model }) {
  const { importance, columns } = model.data.comparison;
  if (importance === undefined) return null;
  const labels = columnLabels(columns);
  const { fields, explained, trials, metric } = importance;
  return (
    <>
      <div class="card scroll" tabIndex={0} role="region" aria-label="Importance of the swept fields">
        <table class="data-table">
          <caption>
            <span>
              Share of the spread of {figureOf(metric).label} among {trials} trials that each field explains, by a small
              random forest; it explains {percent(Math.max(0, explained))} of the spread of trials that it hasn’t seen
              {explained < littleExplained && ": too little for the shares to say much"}.
            </span>
          </caption>
          <thead>
            <tr>
              <th scope="col">field</th>
              <th scope="col">share</th>
              <th scope="col" class="right">
                R² lost when shuffled
              </th>
              <th scope="col" class="right">
                rank correlation
              </th>
            </tr>
          </thead>
          <tbody>
            {fields.map(({ path, share, permutation, sd, rankCorrelation, rankCorrelationP }) => (
              <tr key={path}>
                <th scope="row" title={path}>
                  {labels.get(path) ?? path}
                </th>
                <td>
                  <span class="meter wide" style={{ "--share": `${100 * share}%` }} />
                  {percent(share)}
                </td>
                <td class="right">
                  {signed(Number(permutation.toFixed(3)), 3)} <span class="spread">± {sd.toFixed(3)}</span>
                </td>
                <td class="right">
                  {rankCorrelation === undefined ? "–" : signed(rankCorrelation, 2)}
                  {rankCorrelationP !== undefined && <span class="spread"> {pText(rankCorrelationP)}</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
