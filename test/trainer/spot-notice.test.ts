import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { MetadataServer } from "../../infra/local/batch/metadata-server.ts";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { parseSpotWatch } from "../../src/contract/spot-variables.ts";
import { channelWorkerVariables, trainerVariables } from "../../src/contract/trainer-environment.ts";
import { listCheckpoints } from "../../src/record/checkpoint-store.ts";
import { openStore } from "../../src/record/open-store.ts";
import { watchSpotNotice, type SpotNotice } from "../../trainer/spot-notice.ts";
import { forkTrainer } from "./fork-trainer.ts";
import { createTinyRun, temporaryFolder } from "./tiny-run.ts";

async function startMetadata(): Promise<MetadataServer> {
  const metadata = await MetadataServer.start();
  onTestFinished(() => metadata.stop());
  return metadata;
}

describe("the watch for a spot notice", () => {
  test("tells a notice once, with its time", async () => {
    const metadata = await startMetadata();
    const notices: SpotNotice[] = [];
    const onNotice = (notice: SpotNotice): void => void notices.push(notice);
    onTestFinished(
      watchSpotNotice({ endpoint: metadata.endpoint, pollMs: 10 }, { onNotice, onSilence: () => undefined }),
    );
    await sleep(60);
    expect(notices).toEqual([]);

    metadata.announce(new Date("2026-11-30T10:00:00.000Z"));
    while (notices.length === 0) await sleep(10);
    await sleep(60);

    expect(notices).toEqual([{ action: "terminate", time: "2026-11-30T10:00:00Z" }]);
  });

  test("says once that nobody answers, and goes on looking", async () => {
    const reasons: string[] = [];
    const onSilence = (reason: string): void => void reasons.push(reason);
    const end = watchSpotNotice(
      { endpoint: "http://127.0.0.1:9", pollMs: 10 },
      { onNotice: () => undefined, onSilence },
    );
    onTestFinished(end);

    while (reasons.length === 0) await sleep(20);
    await sleep(200);

    expect(reasons).toHaveLength(1);
  });

  test("is off where the variable of all AWS tools says so, and refuses a wrong cadence", () => {
    expect(parseSpotWatch({ AWS_EC2_METADATA_DISABLED: "true" })).toEqual({ watch: undefined });
    expect(parseSpotWatch({})).toEqual({ watch: { endpoint: "http://169.254.169.254", pollMs: 5000 } });
    expect(parseSpotWatch({ NIGHTSWEEP_SPOT_POLL_MS: "fast" })).toEqual({
      problems: ['NIGHTSWEEP_SPOT_POLL_MS is "fast", expected an integer from 10 to 60000'],
    });
  });
});

test("a job whose spot instance is to be taken back writes a checkpoint and leaves with 75; the next attempt goes on", async () => {
  const metadata = await startMetadata();
  const location = temporaryFolder();
  const run = await createTinyRun(
    { training: "{epochs: 100000, batchSize: 8, checkpoint: {everyEpochs: 1000}}" },
    openStore(location),
  );
  const variables = {
    ...channelWorkerVariables({ store: location, planKey: run.planKey, dataRoot: run.dataRoot }),
    [trainerVariables.dispatch]: "array",
    AWS_BATCH_JOB_ID: "job",
    AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.endpoint,
    NIGHTSWEEP_SPOT_POLL_MS: "50",
  };
  const trainer = forkTrainer(variables);
  while (!trainer.stdout().includes("epoch 2/")) await sleep(20);

  metadata.announce(new Date());

  expect(await trainer.exit).toEqual({ code: exitCodes.checkpointed, signal: null });
  expect(trainer.stdout()).toContain("this spot instance is taken back (terminate at");
  const [checkpoint] = await listCheckpoints(run.store, run.trialKey(0));
  expect(checkpoint).toBeDefined();
});
