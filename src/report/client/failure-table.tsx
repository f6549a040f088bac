import type { TrialRow } from "../../compare/comparison.ts";
import { groupBy } from "../../compare/group-by.ts";
import type { Model } from "./model.ts";

/** More than this is a list that nobody reads; `nightsweep status` has all. */
const maxReasons = 50;

/** Why trials failed, the most frequent reason first, numbers aside; nothing if none did. */
export function FailureTable({ model }: { readonly model: Model }) {
  const failed = model.data.comparison.trials.filter(({ failure }) => failure !== undefined);
  if (failed.length === 0) return null;
  const groups = [...groupBy(failed, ({ failure }) => `${failure?.kind}: ${failure?.reason}`.replaceAll(/\d+/g, "#"))];
  groups.sort(([, a], [, b]) => b.length - a.length);
  return (
    <>
      <h3>Failed trials</h3>
      <div class="card scroll tall" tabIndex={0} role="region" aria-label="Failed trials">
        <table class="data-table">
          <thead>
            <tr>
              <th scope="col">why</th>
              <th scope="col" class="right">
                trials
              </th>
              <th scope="col">which</th>
            </tr>
          </thead>
          <tbody>
            {groups.slice(0, maxReasons).map(([reason, trials]) => (
              <tr key={reason}>
                <td class="wrap">
                  {trials[0]?.failure?.kind}: {trials[0]?.failure?.reason}
                </td>
                <td class="right">{trials.length}</td>
                <td class="wrap">{describeTrials(trials)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function describeTrials(trials: readonly TrialRow[]): string {
  const shown = trials.slice(0, 6).map(({ trialId, seed }) => `${trialId.slice(0, 8)} (seed ${seed})`);
  return `${shown.join(", ")}${trials.length > shown.length ? ` and ${trials.length - shown.length} more` : ""}`;
}
