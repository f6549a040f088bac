import { expect, test } from "vitest";
import { closeRun } from "../../src/orchestrate/close-run.ts";
import { findFinished } from "../../src/record/ledger.ts";
import { createTinyRun } from "../trainer/tiny-run.ts";
import { attemptTrial } from "../trainer/run-trial.ts";
import { objectKeys } from "../../src/contract/object-keys.ts";

test("a trial whose worker died between its result and the ledger is in the ledger when the run is closed", async () => {
  const run = await createTinyRun();
  await attemptTrial(run);
  const [id] = run.plan.trials.map((trial) => trial.id);
  if (id === undefined) throw new Error("no trial");
  await run.store.delete(objectKeys.ledger(id));
  const failure = { kind: "killed", reason: "SIGKILL" } as const;

  const place = { experiment: run.plan.experiment, runId: run.planKey.split("/").at(-2) ?? "" };
  const records = await closeRun(run.store, place, {
    state: { trials: [{ type: "failed", attempts: 4, failure }] },
    trained: new Set(),
  });

  expect(records.trials[0]?.state.type).toBe("finished");
  expect((await findFinished(run.store, [id])).has(id)).toBe(true);
});
