import { expect, test } from "vitest";
import { gridPlan } from "./chaos-plan.ts";
import { findViolations, runInChaos } from "./run-in-chaos.ts";

test("a grid of 22,500 trials on 256 workers ends with exactly the results of its plan", async () => {
  const plan = gridPlan(75, 100, 3);
  const troubles = { loss: 0.1, duplicate: 0.05, delayMs: 500, storeErrors: 0.0005, latePuts: false };
  const options = { plan, workers: 256, seed: 1, troubles, crashAfterMs: 1_500_000, experiments: ["one"] };
  const begin = performance.now();

  const outcome = await runInChaos(options);
  const seconds = (performance.now() - begin) / 1000;
  const violations = await findViolations(options, outcome);

  const { attempts, kills, stalls, sessions } = outcome;
  const peakMebibytes = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(
    JSON.stringify({ trials: plan.trials.length, attempts, kills, stalls, sessions, seconds, peakMebibytes }),
  );
  expect(plan.trials).toHaveLength(22_500);
  expect(violations).toEqual([]);
  expect(sessions).toBeGreaterThan(1);
}, 900_000);
