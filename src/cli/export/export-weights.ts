import { writeFile } from "node:fs/promises";
import { compareRun } from "../../compare/compare-run.ts";
import { selectTrial } from "../../compare/select.ts";
import { exitCodes } from "../../contract/exit-codes.ts";
import { loadRun } from "../../record/load-run.ts";
import { loadTrialWeights } from "../../record/load-weights.ts";
import type { RunDocument } from "../../record/run-records.ts";
import { encodeSafetensors } from "../../record/safetensors.ts";
import type { Store } from "../../record/store.ts";
import { CliError } from "../cli-error.ts";
import type { CommandResult } from "../output.ts";

/** Writes the weights of a finished trial as a .safetensors file. @param to default: named after the trial */
export async function exportWeights(
  store: Store,
  run: RunDocument,
  { which, to }: { readonly which: string; readonly to: string | undefined },
): Promise<CommandResult> {
  const records = await loadRun(store, run.experiment, run.runId, { parts: [] });
  const { trialId } = selectTrial(compareRun(records), which);
  const key = records.trials.find(({ trial }) => trial.id === trialId)?.key ?? "";
  const weights = await loadTrialWeights(store, key);
  if ("problem" in weights) throw new CliError(exitCodes.invalidInput, `${weights.problem}\n  fix: ${weights.fix}`);
  const file = to ?? `${trialId}.safetensors`;
  await writeFile(file, encodeSafetensors(weights.tensors));
  const tensors = weights.tensors.map(({ name, shape }) => ({ name, shape }));
  const rows = tensors.map(({ name, shape }) => ({ name, shape: shape.join("×") }));
  const columns = ["name", "shape"].map((key) => ({ key, label: key, align: "left" }) as const);
  const json = { schemaVersion: 1, trialId, file, tensors };
  return {
    json,
    table: { columns, rows },
    human: () => `${file}: ${rows.length} tensors of trial ${trialId}`,
  };
}
