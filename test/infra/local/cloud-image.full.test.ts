import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seededReclaims } from "../../../infra/local/seeded-reclaims.ts";
import type { Synthesised } from "../../../infra/synth.ts";
import { exitCodes } from "../../../src/contract/exit-codes.ts";
import { findNativeEngine } from "../../../src/engine/native-folder.ts";
import { nightsweep } from "../../cli/nightsweep-process.ts";
import { deterministicFilesOf } from "../../cli/run-files.ts";
import { lacksS3Server, s3ServerReason } from "../../record/s3-server.ts";
import { image, imageReason, lacksImage } from "../container.ts";
import { attemptsOf, openTwinBench, type TwinBench } from "./twin-for-test.ts";

// Other seeds for each: what one has trained, the other would take over.
const sweep = (name: string, trialsPerJob: number, seeds: string): string => `
name: ${name}
data: { dataset: mnist, subset: { train: { first: 3000 }, test: { first: 1000 } } }
model: { layers: [flatten, { dense: { units: 32, activation: relu } }, { dense: { units: 10, activation: softmax } }] }
training: { epochs: 20, batchSize: 25, checkpoint: { everySteps: 100 }, optimizer: { type: sgd, learningRate: 0.1 } }
sweep: { grid: { training.optimizer.learningRate: [0.1, 0.3] }, seeds: ${seeds} }
resources: { trialsPerJob: ${trialsPerJob}, trialsPerGpu: 2 }
`;

const reason = `${imageReason}${s3ServerReason}`;
/** Without it there is nothing to compare with. */
const lacksEngine = !findNativeEngine(process.env).isInstalled;

describe.skipIf(lacksImage || lacksS3Server || lacksEngine)(
  `a sweep on the offline twin, in the image${reason}`,
  () => {
    let bench: TwinBench;
    let synthesised: Synthesised;

    beforeAll(async () => {
      bench = await openTwinBench({
        "single.yaml": sweep("single", 1, "[1, 2]"),
        "shared.yaml": sweep("shared", 4, "[3, 4]"),
      });
      synthesised = await bench.synthesise();
    }, 300_000);

    afterAll(() => bench?.end());

    const runIn = async (name: string, changes: Parameters<TwinBench["start"]>[1]) => {
      const file = path.join("experiments", `${name}.yaml`);
      const twin = await bench.start(synthesised, {
        image,
        replaced: { NIGHTSWEEP_SPOT_POLL_MS: "100" },
        maxvCpus: { spot: 8, onDemand: 0 },
        ...changes,
      });
      const options = { cwd: bench.folder, environment: { ...twin.environment, NIGHTSWEEP_POLL_MS: "300" } };
      const there = await nightsweep(["run", file, "--on", "aws"], options);
      const here = await nightsweep(["run", file, "--engine", "tensorflow", "--store", `${name}-here`], {
        cwd: bench.folder,
      });
      const synced = await nightsweep(["sync", "s3://records", `${name}-there`], options);
      expect([there.exitCode, here.exitCode, synced.exitCode], there.stderr).toEqual([0, 0, 0]);
      return twin;
    };

    const expectSameBytes = (name: string): void => {
      expect(deterministicFilesOf(path.join(bench.folder, `${name}-there`), name)).toEqual(
        deterministicFilesOf(path.join(bench.folder, `${name}-here`), name),
      );
    };

    test("whose containers' hosts are taken back has the bytes of the local run", async () => {
      // By this seed: one with a notice, one without.
      const twin = await runIn("single", { reclaimOf: seededReclaims({ seed: 3, rate: 0.35 }) });

      const ends = attemptsOf(twin).map((attempts) => attempts.ends);
      expect(ends).toEqual([["Host EC2 terminated.", "exit 75", "exit 0"], ["exit 0"], ["exit 0"], ["exit 0"]]);
      expectSameBytes("single");
    }, 580_000);

    test("of one job whose trials share the device has the bytes of the local run", async () => {
      const twin = await runIn("shared", {});

      const options = { cwd: bench.folder, environment: twin.environment };
      const console = await nightsweep(["logs", "shared", "--console", "--store", "s3://records"], options);
      expect(attemptsOf(twin).map(({ ends }) => ends)).toEqual([["exit 0"]]);
      expect(console.exitCode).toBe(exitCodes.done);
      expect(console.stdout).toMatch(/\d trials? side by side from now on: /);
      expectSameBytes("shared");
    }, 580_000);
  },
);
