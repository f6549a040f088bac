import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { MetadataServer } from "../../infra/local/batch/metadata-server.ts";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { trainerVariables } from "../../src/contract/trainer-environment.ts";
import { listCheckpoints } from "../../src/record/checkpoint-store.ts";
import { openStore } from "../../src/record/open-store.ts";
import { deterministicFiles } from "../trainer/run-trial.ts";
import { createTinyRun, temporaryFolder, type TinyRun, type TinySections } from "../trainer/tiny-run.ts";

const entry = fileURLToPath(new URL("../../bin/job.js", import.meta.url));

async function createStoredRun(sections: TinySections): Promise<TinyRun & { readonly location: string }> {
  const location = temporaryFolder();
  return { ...(await createTinyRun(sections, openStore(location))), location };
}

/** Starts a job's entry point as a container does. */
function startJob(run: TinyRun & { readonly location: string }, variables: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [entry], {
    env: {
      PATH: process.env["PATH"],
      [trainerVariables.store]: run.location,
      [trainerVariables.planKey]: run.planKey,
      [trainerVariables.dataRoot]: run.dataRoot,
      [trainerVariables.trialsPerJob]: String(run.plan.trials.length),
      AWS_BATCH_JOB_ID: "00000000-0000-0000-0000-000000000000",
      ...variables,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  const exit = new Promise<number | null>((resolve) => child.on("close", resolve));
  return { child, exit, stdout: () => stdout };
}

const shared = { [trainerVariables.trialsPerGpu]: "2" };
const alone = { AWS_EC2_METADATA_DISABLED: "true" };

describe("a job whose trials share a device", () => {
  test("gives the same bytes as one that trains them one after another, and keeps their logs", async () => {
    const sections = { sweep: "{seeds: [1, 2, 3, 4]}" };
    const [together, serial] = [await createStoredRun(sections), await createStoredRun(sections)];

    const first = startJob(together, { ...shared, ...alone });
    const second = startJob(serial, alone);
    const codes = await Promise.all([first.exit, second.exit]);

    expect(codes).toEqual([exitCodes.done, exitCodes.done]);
    for (const index of together.plan.trials.keys())
      expect(await deterministicFiles(together, index)).toEqual(await deterministicFiles(serial, index));
    expect(first.stdout()).toMatch(/\d+ trials side by side from now on: /);
    const log = await together.store.get(`${together.trialKey(3)}/log.txt`);
    expect(new TextDecoder().decode(log)).toMatch(/^trial 3, attempt 1\n[^]*epoch 2\/2/);
  });

  test.for(["SIGTERM", "notice"] as const)(
    "leaves its trials with checkpoints and exit code 75: %s",
    async (ending) => {
      const run = await createStoredRun({
        sweep: "{seeds: [1, 2]}",
        training: "{epochs: 100000, batchSize: 8, checkpoint: {everyEpochs: 100000}}",
      });
      const metadata = await MetadataServer.start();
      onTestFinished(() => metadata.stop());
      const job = startJob(run, {
        ...shared,
        AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.endpoint,
        NIGHTSWEEP_SPOT_POLL_MS: "50",
      });
      while (!job.stdout().includes("epoch 2/")) await sleep(20);

      if (ending === "SIGTERM") job.child.kill("SIGTERM");
      else metadata.announce(new Date(Date.now() + 120_000));

      expect(await job.exit).toBe(exitCodes.checkpointed);
      // One whose trainer was still starting had nothing to keep.
      const begun = run.plan.trials.flatMap(({ id }, index) =>
        job.stdout().includes(`${id.slice(0, 8)} | epoch`) ? [index] : [],
      );
      for (const index of begun) expect(await listCheckpoints(run.store, run.trialKey(index))).toHaveLength(1);
      expect(begun).toContain(0);
    },
  );

  test("says what is wrong with its environment", async () => {
    const run = await createStoredRun({});

    const job = startJob(run, { ...shared, [trainerVariables.trialOffset]: "7" });

    expect(await job.exit).toBe(exitCodes.usage);
  });
});
