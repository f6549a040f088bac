import { execFileSync } from "node:child_process";
import { chownSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { findNativeEngine } from "../../src/engine/native-folder.ts";
import { Container, imageReason, lacksImage } from "./container.ts";
import { temporaryFolder } from "./synthesised.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const experiment = (epochs: number): string => `
name: image-mnist
data:
  dataset: mnist
  subset: { train: { first: 6000 }, test: { first: 1000 } }
model:
  layers:
    - conv2d: { filters: 8, kernelSize: 3, padding: same, activation: relu }
    - maxPooling2d: { poolSize: 2 }
    - flatten
    - dense: { units: 10, activation: softmax }
training: { epochs: ${epochs}, batchSize: 32, optimizer: { type: adam } }
sweep: { seeds: [7] }
resources: { threads: 1 }
`;
/** Without it there is nothing to compare with: the same engine gives the same bytes, another one does not. */
const lacksEngine = !findNativeEngine(process.env).isInstalled;

/** What a trial found: nothing in it depends on where it ran. */
const deterministic = ["metrics.jsonl", "result.json", "confusion.json", "predictions.csv", "model/weights.bin"];

/** A run of real MNIST on this machine, and the same run not yet begun, for a container. */
interface TwoRuns {
  readonly outside: string;
  /** The store that a container is given. */
  readonly inside: string;
  readonly planKey: string;
}

function runOutside(epochs: number): TwoRuns {
  const folder = temporaryFolder();
  const file = path.join(folder, "image-mnist.yaml");
  writeFileSync(file, experiment(epochs));
  const outside = path.join(folder, "outside");
  execFileSync(
    process.execPath,
    [path.join(root, "bin", "nightsweep.js"), "run", file, "--store", outside, "--engine", "tensorflow"],
    {
      stdio: "ignore",
      env: { ...process.env, NIGHTSWEEP_ENGINE: "tensorflow" },
    },
  );
  const [runId = ""] = readdirSync(path.join(outside, "experiments", "image-mnist", "runs"));
  const run = `experiments/image-mnist/runs/${runId}`;
  const inside = path.join(folder, "inside");
  mkdirSync(path.join(inside, run), { recursive: true });
  for (const name of ["plan.json", "run.json"]) cpSync(path.join(outside, run, name), path.join(inside, run, name));
  giveToNode(inside);
  return { outside, inside, planKey: `${run}/plan.json` };
}

/** The image's user has the number 1000. */
function giveToNode(folder: string): void {
  chownSync(folder, 1000, 1000);
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }))
    chownSync(path.join(folder, name), 1000, 1000);
}

function trialFolder(store: string, { planKey }: TwoRuns): string {
  const trials = path.join(store, path.dirname(planKey), "trials");
  const [trial = ""] = readdirSync(trials);
  return path.join(trials, trial);
}

function expectSameResult(runs: TwoRuns): void {
  for (const name of deterministic) {
    const expected = readFileSync(path.join(trialFolder(runs.outside, runs), name));
    const found = readFileSync(path.join(trialFolder(runs.inside, runs), name));
    expect(found.equals(expected), name).toBe(true);
  }
}

function trainerOf({ inside, planKey }: TwoRuns, variables: Readonly<Record<string, string>> = {}): Container {
  return new Container({
    store: inside,
    variables: { NIGHTSWEEP_STORE: "/store", NIGHTSWEEP_PLAN: planKey, ...variables },
  });
}

describe.skipIf(lacksImage || lacksEngine)(`the trainer's image${imageReason}`, () => {
  test("trains real MNIST to the same bytes as outside", async () => {
    const runs = runOutside(3);

    const { code } = await trainerOf(runs).end();

    expect(code).toBe(exitCodes.done);
    expectSameResult(runs);
  });

  describe("when it is to end", () => {
    let runs: TwoRuns;
    beforeAll(() => {
      // Seconds of training, so that it still goes on when it is told to end.
      runs = runOutside(60);
    });

    test("on SIGTERM writes a checkpoint within the 30 s that Batch gives, and another attempt goes on to the same bytes", async () => {
      const first = trainerOf(runs);
      await first.printed(/^epoch 2\//m);
      const begin = Date.now();

      first.stop("TERM");
      const { code } = await first.end();

      expect(code).toBe(exitCodes.checkpointed);
      expect(Date.now() - begin).toBeLessThan(30_000);
      expect(existsSync(path.join(trialFolder(runs.inside, runs), "result.json"))).toBe(false);
      const second = await trainerOf(runs, { AWS_BATCH_JOB_ATTEMPT: "2" }).end();
      expect(second.code).toBe(exitCodes.done);
      expect(second.output).not.toMatch(/^epoch 1\//m);
      expectSameResult(runs);
    });

    test("on the notice that its spot instance is taken back does the same", async () => {
      const again = { ...runs, inside: path.join(path.dirname(runs.inside), "spot") };
      mkdirSync(path.join(again.inside, path.dirname(again.planKey)), { recursive: true });
      for (const name of ["plan.json", "run.json"]) {
        const key = path.join(path.dirname(again.planKey), name);
        cpSync(path.join(runs.outside, key), path.join(again.inside, key));
      }
      giveToNode(again.inside);
      const metadata = await startMetadata();
      const variables = {
        AWS_BATCH_JOB_ID: "job-1",
        AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.endpoint,
        NIGHTSWEEP_SPOT_POLL_MS: "100",
      };
      const first = trainerOf(again, variables);
      await first.printed(/^epoch 2\//m);

      metadata.takeBack();
      const { code, output } = await first.end();

      expect(code).toBe(exitCodes.checkpointed);
      expect(output).toContain("this spot instance is taken back (terminate");
      const second = await trainerOf(again, { AWS_BATCH_JOB_ATTEMPT: "2" }).end();
      expect(second.code).toBe(exitCodes.done);
      expectSameResult(again);
      metadata.server.close();
    });
  });

  test("refuses to compute on the CPU where a GPU was asked for", async () => {
    const runs = { inside: temporaryFolder(), outside: "", planKey: "plan.json" };
    giveToNode(runs.inside);

    const { code, output } = await trainerOf(runs, { NIGHTSWEEP_DEVICE: "gpu" }).end();

    expect(code).toBe(exitCodes.usage);
    expect(output).toContain('NIGHTSWEEP_DEVICE is "gpu", but TensorFlow found none');
  });

  test("is not root, can write to /tmp alone, and has tini as its first process", async () => {
    const script = 'id -u; cat /proc/1/comm; touch /app/x 2>&1; touch /tmp/x && echo "tmp is writable"';

    const { output } = await new Container({ command: ["sh", "-c", script], variables: {} }).end();

    expect(output.split("\n").map((line) => line.trim())).toEqual([
      "1000",
      "tini",
      "touch: cannot touch '/app/x': Read-only file system",
      "tmp is writable",
      "",
    ]);
  });

  test("has no compiler, no npm packages for development and nothing that can be asked to run as root", async () => {
    const script =
      "which g++ gcc python3; ls /app/node_modules | grep -c -E '^(aws-cdk-lib|vitest|typescript)$'; find / -xdev -perm -4000 -newer /app/package.json 2>/dev/null | wc -l";

    const { output } = await new Container({ command: ["sh", "-c", script], variables: {} }).end();

    expect(output.trim().split("\n")).toEqual(["0", "0"]);
  });
});

/** What AWS' metadata service says about a spot instance: nothing, until it is taken back. */
async function startMetadata(): Promise<{ server: Server; endpoint: string; takeBack: () => void }> {
  let isTaken = false;
  const server = createServer((request, response) => {
    if (request.method === "PUT") response.end("token");
    else if (request.headers["x-aws-ec2-metadata-token"] !== "token") response.writeHead(401).end();
    else if (!isTaken) response.writeHead(404).end();
    else response.end(JSON.stringify({ action: "terminate", time: "2026-11-30T10:00:00Z" }));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { server, endpoint: `http://127.0.0.1:${port}`, takeBack: () => (isTaken = true) };
}
