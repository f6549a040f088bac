import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import type { NightDocument } from "../../src/record/night-document.ts";
import { denseDigits, writeDigitFolder } from "./digit-folder.ts";
import { nightsweep } from "./nightsweep-process.ts";

const experiment = `${denseDigits}training: { epochs: 1, batchSize: 50 }
sweep: { seeds: 2 }
schedule: { cron: "0 2 * * *" }
benchmark: { minimumEffect: 0.05 }
`;

let folder = "";
const inFolder = (...parameters: string[]) => nightsweep(parameters, { cwd: folder });
const historyFolder = (): string => path.join(folder, ".nightsweep", "history", "digits");
const nightFiles = (): string[] => readdirSync(historyFolder()).filter((name) => name.endsWith(".json"));

function readNight(name: string): NightDocument {
  return JSON.parse(readFileSync(path.join(historyFolder(), name), "utf8"));
}

/** Nights before the real one, with the same figures but for what is added to the accuracy; one date is left out. */
function inventEarlierNights(real: NightDocument, added: number): void {
  for (const daysBefore of [1, 2, 3, 5, 6, 7]) {
    const date = new Date(Date.parse(real.date) - daysBefore * 86_400_000).toISOString().slice(0, 10);
    const configurations = real.configurations.map((configuration) => ({
      ...configuration,
      seeds: configuration.seeds.map(({ seed, figures }) => ({
        seed,
        figures: { ...figures, testAccuracy: (figures["testAccuracy"] ?? 0) + added },
      })),
    }));
    const night: NightDocument = {
      ...real,
      date,
      runId: `night-${daysBefore}`,
      startedAt: `${date}T02:00:00.000Z`,
      circumstances: { ...real.circumstances, nightsweep: "0.0.1" },
      configurations,
    };
    writeFileSync(path.join(historyFolder(), `${date}-${night.runId}.json`), JSON.stringify(night));
  }
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "nightsweep-nightly-"));
  writeDigitFolder(path.join(folder, "digits"), { train: 200, test: 100 });
  writeFileSync(path.join(folder, "digits.yaml"), experiment);
  const run = await inFolder("run", "digits.yaml", "--no-cache");
  if (run.exitCode !== 0) throw new Error(run.stderr);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a benchmark from night to night", () => {
  test("the first night is written down and has nothing to be held against", async () => {
    const { exitCode, stdout } = await inFolder("check", "digits.yaml", "--output", "json");

    expect(exitCode).toBe(exitCodes.done);
    expect(JSON.parse(stdout)).toMatchObject({ benchmark: "digits", verdict: "no-baseline" });
    const night = readNight(nightFiles()[0] ?? "");
    expect(night.configurations[0]).toMatchObject({ plannedSeeds: [1, 2], device: "cpu", engine: "wasm", missing: [] });
    expect(Object.keys(night.configurations[0]?.seeds[0]?.figures ?? {})).toContain("testAccuracy");
  });

  test("a night like those before it is ok, and dates without one are gaps", async () => {
    const real = readNight(nightFiles()[0] ?? "");
    inventEarlierNights(real, 0);

    const { exitCode, stdout } = await inFolder("check", "digits", "--output", "json");

    expect(exitCode).toBe(exitCodes.done);
    const missing = new Date(Date.parse(real.date) - 4 * 86_400_000).toISOString().slice(0, 10);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: "ok", gaps: [{ date: missing }] });
  });

  test("a night that is much worse is run again with new seeds, and is an alarm when they are worse, too", async () => {
    const summary = path.join(folder, "summary.md");
    const real = readNight(nightFiles().findLast((name) => !name.includes("night-")) ?? "");
    inventEarlierNights(real, 0.6);

    const { exitCode, stderr, stdout } = await nightsweep(["check", "digits.yaml"], {
      cwd: folder,
      environment: { GITHUB_STEP_SUMMARY: summary },
    });

    expect(stderr).toContain("Running 1 suspect configuration again with seeds 3, 4");
    expect(exitCode).toBe(exitCodes.regressed);
    expect(stdout).toMatch(/^digits: regressed, testAccuracy −60\.00 points against the nights before/);
    expect(stdout).toContain("nightsweep: 0.0.1 → ");
    const markdown = readFileSync(summary, "utf8");
    expect(markdown).toContain("### digits: ❌ regressed");
    expect(markdown).toContain("nightsweep history ack digits");
    const second = nightFiles()
      .map(readNight)
      .filter(({ confirms }) => confirms !== undefined);
    expect(second.map(({ confirms }) => confirms)).toEqual([real.runId]);
  });

  test("the run that confirmed it is not what is meant by the newest run", async () => {
    const again = nightFiles()
      .map(readNight)
      .find(({ confirms }) => confirms !== undefined);

    const { stdout } = await inFolder("compare", "digits", "--output", "json");

    const { runId } = JSON.parse(stdout) as { runId: string };
    expect(runId).toBe(again?.confirms);
    expect(runId < (again?.runId ?? "")).toBe(true);
  });

  test("the alarm stays without another run, and a run that only confirms is no night", async () => {
    const nights = nightFiles().length;

    const { exitCode, stderr } = await inFolder("check", "digits.yaml", "--output", "md");

    expect(exitCode).toBe(exitCodes.regressed);
    expect(stderr).not.toContain("Running");
    expect(nightFiles()).toHaveLength(nights);
  });

  test("the history shows every night and gap with its verdict", async () => {
    const { stdout, exitCode } = await inFolder("history", "digits.yaml", "--output", "csv");

    const verdicts = stdout
      .trim()
      .split(/\r?\n/)
      .slice(1)
      .map((line) => line.split(",")[5]);
    expect(exitCode).toBe(exitCodes.done);
    expect(verdicts.filter((verdict) => verdict === "missing")).toHaveLength(1);
    expect(verdicts.at(-1)).toBe("regressed");
  });

  test("a change that is acknowledged is no alarm any more", async () => {
    const acknowledged = await inFolder("history", "ack", "digits.yaml", "--reason", "smaller model");
    const { exitCode, stdout } = await inFolder("check", "digits.yaml");

    expect(acknowledged.exitCode).toBe(exitCodes.done);
    expect(exitCode).toBe(exitCodes.done);
    expect(stdout).toContain("acknowledged: smaller model");
  });

  test("an acknowledgement needs a reason", async () => {
    const { exitCode, stderr } = await inFolder("history", "ack", "digits.yaml");

    expect(exitCode).toBe(exitCodes.usage);
    expect(stderr).toContain("--reason");
  });

  test("trials that were taken over from an earlier run are no measurement of this night", async () => {
    writeFileSync(path.join(folder, "more.yaml"), experiment.replace("seeds: 2", "seeds: 3"));
    const run = await inFolder("run", "more.yaml");
    const { stdout, exitCode } = await inFolder("check", "more.yaml", "--output", "json");

    expect([run.exitCode, exitCode]).toEqual([0, 0]);
    const { verdict, series } = JSON.parse(stdout);
    expect(verdict).toBe("incomplete");
    expect(series[0].latest.why).toMatch(/^seed 1 was taken over from run .*: run with --no-cache$/);
  });
});

describe("the comparison of two models", () => {
  test("names the test examples that only one has right, and the test", async () => {
    const { stdout } = await inFolder("status", "digits", "--output", "json");
    expect(stdout).toContain("digits");

    const { stdout: diff, exitCode } = await inFolder("compare", "digits", "--diff", "1", "1");

    expect(exitCode).toBe(exitCodes.done);
    expect(diff).toContain("On the same 100 test examples: A − B 0 points");
    expect(diff).toContain("None of the 0 cells that could be tested differs");
  });
});
