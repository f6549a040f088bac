import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { writeDigitFolder } from "./digit-folder.ts";
import { nightsweep } from "./nightsweep-process.ts";

const experiment = `name: digits
data:
  dataset: { format: idx, folder: ./digits }
model:
  layers:
    - flatten
    - dense: { units: 4, activation: softmax }
training: { epochs: 1, batchSize: 20 }
sweep: { seeds: 2 }
`;

let folder = "";
const inFolder = (...parameters: string[]) => nightsweep(parameters, { cwd: folder });

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "nightsweep-stores-"));
  writeDigitFolder(path.join(folder, "digits"), { train: 100, test: 40 });
  writeFileSync(path.join(folder, "digits.yaml"), experiment);
  const run = await inFolder("run", "digits.yaml");
  if (run.exitCode !== 0) throw new Error(run.stderr);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Absolute paths of a store's files with a name. */
function filesNamed(store: string, name: string): string[] {
  const files = readdirSync(path.join(folder, store), { recursive: true, encoding: "utf8" });
  return files.filter((file) => path.basename(file) === name).map((file) => path.join(folder, store, file));
}

describe("nightsweep sync", () => {
  test("copies what isn't there, tells how much, and the copy needs no training", async () => {
    const first = await inFolder("sync", ".nightsweep", "copy");
    const second = await inFolder("sync", ".nightsweep", "copy", "--experiment", "digits", "--output", "json");
    const run = await inFolder("run", "digits.yaml", "--store", "copy");

    expect(first).toMatchObject({ exitCode: exitCodes.done });
    expect(first.stdout).toContain("digits");
    expect(first.stderr).toMatch(/digits run \S+: (\d+)\/\1 objects, [\d.]+ MB copied/);
    expect(JSON.parse(second.stdout)).toMatchObject({
      schemaVersion: 1,
      runs: [{ experiment: "digits", copied: 0, copiedBytes: 0, problems: [] }],
    });
    expect(run.stderr).toContain("nothing left to train");
  });

  test("of what isn't there says what is", async () => {
    const nothing = await inFolder("sync", "nowhere", "copy");
    const other = await inFolder("sync", ".nightsweep", "copy", "--experiment", "letters");
    const itself = await inFolder("sync", ".nightsweep", path.join(folder, ".nightsweep"));

    expect(nothing).toMatchObject({ exitCode: exitCodes.missingInput });
    expect(nothing.stderr).toContain("there are no runs in");
    expect(other).toMatchObject({ exitCode: exitCodes.missingInput });
    expect(other.stderr).toContain("experiments with runs are digits");
    expect(itself).toMatchObject({ exitCode: exitCodes.usage });
  });
});

describe("nightsweep verify", () => {
  test("says that all is well, and which record was changed by hand", async () => {
    await inFolder("sync", ".nightsweep", "edited");
    const before = await inFolder("verify", "digits", "--store", "edited");
    const [file = ""] = filesNamed("edited", "metrics.jsonl");
    writeFileSync(file, readFileSync(file, "utf8").replace(/"accuracy":[\d.]+/, '"accuracy":0.99'));

    const after = await inFolder("verify", "digits", "--store", "edited");
    const json = await inFolder("verify", "digits", "--store", "edited", "--output", "json");
    const original = await inFolder("verify", "digits", "--output", "json");
    const synced = await inFolder("sync", "edited", "third");

    expect(before).toMatchObject({ exitCode: exitCodes.done });
    expect(before.stdout).toContain("2 records intact · 0 changed · 0 not finished");
    expect(after).toMatchObject({ exitCode: exitCodes.invalidInput });
    expect(after.stdout).toContain("1 records intact · 1 changed");
    expect(after.stdout).toContain("metrics.jsonl");
    expect(JSON.parse(json.stdout)).toMatchObject({ schemaVersion: 1, intact: 1, changed: 1, problems: [{}] });
    expect(JSON.parse(original.stdout)).toMatchObject({ intact: 2, problems: [] });
    expect(synced).toMatchObject({ exitCode: exitCodes.invalidInput });
    expect(synced.stdout).toContain("metrics.jsonl is damaged");
  });
});

describe("--store", () => {
  test.each(["s3://", "gs://bucket/runs"])(
    "with %s is a wrong command line, and says what a location looks like",
    async (location) => {
      const { exitCode, stderr } = await inFolder("status", "digits", "--store", location);

      expect(exitCode).toBe(exitCodes.usage);
      expect(stderr).toContain("can't use the store");
      expect(stderr).toContain("s3://bucket/prefix");
    },
  );
});

describe("nightsweep index", () => {
  test("makes index.jsonl and the ledger again, byte for byte", async () => {
    await inFolder("sync", ".nightsweep", "indexed");
    const [index = ""] = filesNamed("indexed", "index.jsonl");
    const written = readFileSync(index, "utf8");
    rmSync(index);
    rmSync(path.join(folder, "indexed", "trials"), { recursive: true });

    const { exitCode, stdout } = await inFolder("index", "digits", "--rebuild", "--store", "indexed");
    const again = await inFolder("index", "digits", "--rebuild", "--store", "indexed", "--output", "json");

    expect(exitCode).toBe(exitCodes.done);
    expect(stdout).toContain("2 trials, 2 finished");
    expect(stdout).toContain("added 2 of them to the ledger");
    expect(JSON.parse(again.stdout)).toMatchObject({ schemaVersion: 1, finished: 2, ledgerEntriesAdded: 0 });
    expect(readFileSync(index, "utf8")).toBe(written);
    expect(readdirSync(path.join(folder, "indexed", "trials"))).toHaveLength(2);
  });

  test("asks what is to be done if it isn't said", async () => {
    const { exitCode, stderr } = await inFolder("index", "digits");

    expect(exitCode).toBe(exitCodes.usage);
    expect(stderr).toContain("--rebuild");
  });
});
