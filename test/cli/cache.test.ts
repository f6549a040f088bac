import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeDigitFolder } from "./digit-folder.ts";
import { nightsweep } from "./nightsweep-process.ts";

const experiment = `name: digits
data: { dataset: { format: idx, folder: ./digits } }
model: { layers: [flatten, { dense: { units: 4, activation: softmax } }] }
training: { epochs: 1, batchSize: 20, optimizer: { type: sgd, learningRate: 0.1 } }
sweep:
  grid: { training.optimizer.learningRate: [0.1, 0.01] }
  seeds: 2
`;

let folder = "";
const inFolder = (...parameters: string[]) => nightsweep(parameters, { cwd: folder });

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "nightsweep-cache-"));
  writeDigitFolder(path.join(folder, "digits"), { train: 100, test: 40 });
  writeFileSync(path.join(folder, "digits.yaml"), experiment);
  const { exitCode, stderr } = await inFolder("run", "digits.yaml", "--workers", "1");
  if (exitCode !== 0) throw new Error(stderr);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("trials that are done", () => {
  test("are not trained again when a sweep is extended, and plan and run say what is new", async () => {
    writeFileSync(path.join(folder, "digits.yaml"), experiment.replace("[0.1, 0.01]", "[0.1, 0.01, 0.001]"));

    const planned = await inFolder("plan", "digits.yaml");
    const csv = await inFolder("plan", "digits.yaml", "--output", "csv");
    const run = await inFolder("run", "digits.yaml", "--workers", "1");

    const rate = "training.optimizer.learningRate";
    expect(planned.stdout).toMatch(/2 cached from digits run \d{8}T\d{6}Z-\S+/);
    expect(planned.stdout).toContain(`2 new: ${rate} 0.1 → 0.001`);
    expect(csv.stdout.match(/cached from digits run/g)).toHaveLength(4);
    expect(csv.stdout.match(new RegExp(`new: ${rate} 0.1 → 0.001`, "g"))).toHaveLength(2);
    expect(run.stderr).toMatch(/6 trials, 4 taken over from run \S+, 2 to train/);
    expect(run.stderr).toContain(`2 trials new: ${rate} 0.1 → 0.001`);
    expect(run.stderr.match(/finished [0-9a-f]{8}/g)).toHaveLength(2);
  });

  test("are trained again with --no-cache, or if a byte of the data is another one", async () => {
    writeFileSync(path.join(folder, "digits.yaml"), experiment);
    const forced = await inFolder("run", "digits.yaml", "--workers", "1", "--no-cache");
    const file = path.join(folder, "digits/t10k-images-idx3-ubyte");
    const bytes = readFileSync(file);
    bytes[500] = (bytes[500] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    const planned = await inFolder("plan", "digits.yaml", "--output", "csv");

    expect(forced.stderr.match(/finished [0-9a-f]{8}/g)).toHaveLength(4);
    expect(planned.stdout.match(/changed: data\.sha256/g)).toHaveLength(4);
  });
});
