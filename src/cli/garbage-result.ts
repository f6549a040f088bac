import type { GarbagePlan, Kept, Removal } from "../record/garbage/plan-garbage.ts";
import { bytesOf } from "../record/garbage/plan-garbage.ts";
import type { SizedObject } from "../record/store.ts";
import type { StoredRun } from "../record/garbage/survey-runs.ts";
import { decimalBytes } from "../report/number-formats.ts";
import type { Table, TableRow } from "../report/table.ts";
import { renderTextTable } from "../report/render-text-table.ts";
import type { CommandResult } from "./output.ts";

/**
 * What a cleaning removes and leaves, as a command's result.
 * @param options.claims those that are removed besides
 * @param options.isDone whether it was removed, or only would be
 */
export function garbageResult(
  plan: GarbagePlan,
  { claims, isDone }: { readonly claims: readonly SizedObject[]; readonly isDone: boolean },
): CommandResult {
  const table = removalTable(plan);
  const kept = keptGroups(plan.kept);
  const json = {
    schemaVersion: 1,
    isDone,
    bytes: plan.bytes + bytesOf(claims),
    claims: claims.map(({ key }) => key),
    removals: table.rows,
    kept: plan.kept.map(({ run, trialId, reason }) => ({ ...nameOf(run), trialId: trialId ?? null, reason })),
  };
  const size = decimalBytes(json.bytes);
  const summary =
    table.rows.length + claims.length === 0
      ? "nothing to remove"
      : isDone
        ? `removed ${size}`
        : `would remove ${size}; nothing was removed: add --yes to do it`;
  const human = (): string =>
    [
      ...(table.rows.length === 0 ? [] : [renderTextTable(table), ""]),
      ...kept.map((line) => `kept: ${line}`),
      ...(kept.length === 0 ? [] : [""]),
      ...(claims.length === 0 ? [] : [`claims that nobody holds or needs: ${claims.length}`]),
      summary,
    ].join("\n");
  return { json, table, human };
}

function nameOf({ experiment, runId }: StoredRun) {
  return { experiment, runId };
}

function removalTable({ removals, removedRuns }: GarbagePlan): Table {
  const removed = new Set(removedRuns);
  const byRun = new Map<StoredRun, Removal[]>();
  for (const removal of removals) byRun.set(removal.run, [...(byRun.get(removal.run) ?? []), removal]);
  const left = (key: string, label = key) => ({ key, label, align: "left" }) as const;
  const right = (key: string, label = key) => ({ key, label, align: "right" }) as const;
  return {
    columns: [
      left("experiment"),
      left("runId", "run"),
      left("what"),
      right("trials"),
      right("objects"),
      { ...right("bytes", "size"), format: decimalBytes },
    ],
    rows: [...byRun].map(([run, removals]): TableRow => {
      const objects = removals.flatMap(({ objects }) => objects);
      return {
        ...nameOf(run),
        what: removed.has(run) ? "run" : "checkpoints",
        trials: new Set(removals.flatMap(({ trial }) => trial?.trialId ?? [])).size,
        objects: objects.length,
        bytes: bytesOf(objects),
      };
    }),
  };
}

/** One line per run and reason. */
function keptGroups(kept: readonly Kept[]): string[] {
  const counts = new Map<string, { readonly run: StoredRun; readonly reason: string; trials: number }>();
  for (const { run, trialId, reason } of kept) {
    const key = `${run.key} ${reason}`;
    const group = counts.get(key) ?? { run, reason, trials: 0 };
    counts.set(key, group);
    if (trialId !== undefined) group.trials++;
  }
  return [...counts.values()].map(({ run, reason, trials }) => {
    const what = trials === 0 ? "" : trials === 1 ? ", 1 trial" : `, ${trials} trials`;
    return `${run.experiment} run ${run.runId}${what}: ${reason}`;
  });
}
