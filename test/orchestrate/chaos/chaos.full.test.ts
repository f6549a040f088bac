import { expect, test } from "vitest";
import { gridPlan, tinySweep } from "./chaos-plan.ts";
import { findViolations } from "./find-violations.ts";
import { runInChaos } from "./run-in-chaos.ts";

test("a grid of 22,500 trials on 256 workers ends with exactly the results of its plan", async () => {
  const plan = gridPlan(75, 100, 3);
  const calls = { storeErrors: 0.0002, storeStalls: 0.0002, orchestratorStalls: 0.000_01 };
  const troubles = { loss: 0.1, duplicate: 0.05, delayMs: 500, ...calls };
  const options = { plan, workers: 256, seed: 1, troubles, crashAfterMs: 1_500_000, experiments: ["one"] };
  const begin = performance.now();

  const { store, records, ...counts } = await runInChaos(options);
  const seconds = (performance.now() - begin) / 1000;
  const violations = await findViolations(options, { store, records, ...counts });

  const peakMebibytes = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(JSON.stringify({ trials: plan.trials.length, ...counts, seconds, peakMebibytes }));
  expect(plan.trials).toHaveLength(22_500);
  expect(violations).toEqual([]);
  expect(counts.sessions).toBeGreaterThan(1);
}, 1_800_000);

test("1,000 tiny sweeps do so too", async () => {
  for (let seed = 1; seed <= 1000; seed++) {
    const options = tinySweep(seed);
    const violations = await findViolations(options, await runInChaos(options));
    expect({ seed, violations }).toEqual({ seed, violations: [] });
  }
}, 600_000);
