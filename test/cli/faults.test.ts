import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { convolutionalDigits, writeDigitFolder } from "./digit-folder.ts";
import { nightsweep, startNightsweep } from "./nightsweep-process.ts";
import { deterministicFilesOf } from "./run-files.ts";

const experiment = `${convolutionalDigits}training:
  epochs: 16
  batchSize: 16
  optimizer: { type: adam, learningRate: 0.002 }
  checkpoint: { everyEpochs: 1, keep: 2 }
sweep: { seeds: 1 }
`;

const bin = fileURLToPath(new URL("../../bin/nightsweep.js", import.meta.url));
let folder = "";
let undisturbed: ReadonlyMap<string, string> = new Map();
const parametersOf = (store: string): string[] => ["run", "digits.yaml", "--workers", "1", "--store", store];
const run = (store: string) => nightsweep(parametersOf(store), { cwd: folder });
const recordsOf = (store: string) => deterministicFilesOf(path.join(folder, store), "digits");

/** Whether this user may mount a small file system that only a process of its own sees. */
const canMount = spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0;

/** Runs a shell script where mounts are private; `$NIGHTSWEEP` runs the command line. */
function inOwnMounts(script: string) {
  const { NIGHTSWEEP_STORE: _, ...environment } = process.env;
  const env = { ...environment, NO_COLOR: "1", NIGHTSWEEP: `${process.execPath} ${bin}` };
  const { stdout, stderr } = spawnSync("unshare", ["-rm", "sh", "-c", script], { cwd: folder, env, encoding: "utf8" });
  return { stdout, stderr, exits: [...stdout.matchAll(/^exit (\d+)$/gm)].map(([, code]) => Number(code)) };
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "nightsweep-faults-"));
  writeDigitFolder(path.join(folder, "digits"), { train: 400, test: 100 });
  writeFileSync(path.join(folder, "digits.yaml"), experiment);
  const { exitCode, stderr } = await run("undisturbed");
  if (exitCode !== 0) throw new Error(stderr);
  undisturbed = recordsOf("undisturbed");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(!canMount)("a store on a disk", () => {
  test("that is full: what to do is said, and the run goes on to the same bytes once there is room", () => {
    mkdirSync(path.join(folder, "small"));

    const { stderr, exits } = inOwnMounts(`
      mount -t tmpfs -o size=24m tmpfs small
      dd if=/dev/zero of=small/ballast bs=1k count=24496 2>/dev/null
      $NIGHTSWEEP ${parametersOf("small").join(" ")} >/dev/null; echo "exit $?"
      echo ---- >&2
      $NIGHTSWEEP ${parametersOf("small").join(" ")} --no-space-check >/dev/null; echo "exit $?"
      rm small/ballast
      $NIGHTSWEEP ${parametersOf("small").join(" ")} >/dev/null; echo "exit $?"
      cp -a small copy-of-small`);
    const [refused = "", full = ""] = stderr.split("----\n");

    expect(refused).toContain("there is not enough room for this run");
    expect(refused).toContain("--no-space-check");
    expect(full).toContain("the disk is full (ENOSPC)");
    expect(full).toContain("fix: free some space");
    expect(exits[0]).toBe(exitCodes.infrastructure);
    expect(exits[1]).not.toBe(exitCodes.done);
    expect(exits[2]).toBe(exitCodes.done);
    expect(recordsOf("copy-of-small")).toEqual(undisturbed);
  });

  test("that fills up while trials run: they stop at checkpoints before it is full, and go on later", () => {
    mkdirSync(path.join(folder, "filling"));

    const { stderr, exits } = inOwnMounts(`
      mount -t tmpfs -o size=24m tmpfs filling
      (while ! ls filling/experiments/digits/runs/*/trials/*/checkpoints/2* >/dev/null 2>&1; do sleep 0.05; done
       dd if=/dev/zero of=filling/ballast bs=1k count=18000 2>/dev/null) &
      $NIGHTSWEEP ${parametersOf("filling").join(" ")} --set training.epochs=400 >/dev/null; echo "exit $?"
      rm filling/ballast; ls filling/experiments/digits/runs/*/trials/*/checkpoints/*/state.json >/dev/null; echo "exit $?"`);

    expect(stderr).toContain("the run was stopped because the disk of");
    expect(stderr).toContain("Nothing is lost");
    expect(exits).toEqual([exitCodes.infrastructure, 0]);
  });

  test("that can't be written: the reason is said, and what to do", () => {
    mkdirSync(path.join(folder, "readonly"));

    const { stderr, exits } = inOwnMounts(`
      mount -t tmpfs -o ro tmpfs readonly
      $NIGHTSWEEP ${parametersOf("readonly").join(" ")} >/dev/null; echo "exit $?"`);

    expect(stderr).toContain("the file system is read-only (EROFS)");
    expect(stderr).toContain("fix: use a store in a folder that can be written");
    expect(stderr).not.toContain("bug");
    expect(exits).toEqual([exitCodes.infrastructure]);
  });
});

describe("a run", () => {
  test("whose store is taken away says so and stops; the next one trains what is gone", async () => {
    const long = [...parametersOf("taken"), "--set", "training.epochs=2000"];
    const { outcome, reached } = startNightsweep(long, { cwd: folder });
    await reached(3);

    renameSync(path.join(folder, "taken"), path.join(folder, "moved"));
    const { exitCode, stderr } = await outcome;
    const again = await run("taken");

    expect(stderr).toContain("was removed or moved while its trials were running");
    expect(exitCode).toBe(exitCodes.infrastructure);
    expect(again).toMatchObject({ exitCode: exitCodes.done });
  });

  test("whose newest checkpoint is torn goes on from the one before, to the same bytes", async () => {
    const { child, outcome, reached } = startNightsweep(parametersOf("torn"), { cwd: folder });
    await reached(6);
    child.kill("SIGINT");
    await outcome;
    const files = readdirSync(path.join(folder, "torn"), { recursive: true, encoding: "utf8" });
    const weights = files
      .filter((file) => /checkpoints\/\d+\/weights\.bin$/.test(file))
      .map((file) => ({ file: path.join(folder, "torn", file), step: Number(/checkpoints\/(\d+)/.exec(file)?.[1]) }))
      .sort((a, b) => b.step - a.step);
    const [newest, before] = weights;
    if (newest === undefined || before === undefined) throw new Error("there are no two checkpoints");
    truncateSync(newest.file, statSync(newest.file).size / 2);

    const { exitCode } = await run("torn");
    const log = readdirSync(path.join(folder, "torn"), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith("log.txt"))
      .map((file) => readFileSync(path.join(folder, "torn", file), "utf8"))
      .join("");

    expect(exitCode).toBe(exitCodes.done);
    expect(log).toContain(`going on after step ${before.step} of`);
    expect(recordsOf("torn")).toEqual(undisturbed);
  });

  test("whose data file is cut short names it, and goes on once it is whole again", async () => {
    const { child, outcome, reached } = startNightsweep(parametersOf("cut"), { cwd: folder });
    await reached(3);
    child.kill("SIGINT");
    await outcome;
    const file = path.join(folder, "digits/train-images-idx3-ubyte");
    const original = readFileSync(file);
    writeFileSync(file, original.subarray(0, 5000));

    const refused = await run("cut");
    writeFileSync(file, original);
    const continued = await run("cut");

    expect(refused.stderr).toContain("train-images-idx3-ubyte");
    expect(refused.exitCode).toBe(exitCodes.invalidInput);
    expect(continued.stderr).toContain("Going on with digits");
    expect(continued.exitCode).toBe(exitCodes.done);
    expect(recordsOf("cut")).toEqual(undisturbed);
  });
});
