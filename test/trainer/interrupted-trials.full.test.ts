import { expect, test } from "vitest";
import { attemptTrial, deterministicFiles } from "./run-trial.ts";
import { createTinyRun } from "./tiny-run.ts";
import { interruptedSections } from "./interrupted-sections.ts";

test.each(
  Object.entries(interruptedSections).flatMap(([name, sections]) =>
    (["stop", "crash"] as const).map((kind) => [name, kind, sections] as const),
  ),
)("a trial on the embedded engine with %s ends with the same bytes after interruptions: %s", async (_, kind, each) => {
  const [whole, interrupted] = [await createTinyRun(each), await createTinyRun(each)];
  await attemptTrial(whole);

  for (const [index, after] of [1, 5, 3, 8, 2].entries()) {
    await attemptTrial(interrupted, { attempt: index + 1, interruption: { kind, after } });
  }
  await attemptTrial(interrupted, { attempt: 6 });

  expect(await deterministicFiles(interrupted)).toEqual(await deterministicFiles(whole));
});
