// How long people wait for MLflow's page and for our report of the same runs, in the same Chromium: the table, and the
// parallel coordinates: of MLflow for 200 and for all runs, of ours with all other views. MLflow is asked for its pages
// once before, so that its scripts are in the cache.
// Run: npm run bench -- mlflow [runs], default 2000 (100 epochs each); installs MLflow into an environment of its own.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startMlflowServer } from "../test/orchestrate/export/mlflow-server.ts";
import { openBrowser } from "../test/report/open-browser.ts";
import { fillServer, mlflowPython } from "./peers/mlflow-peer.ts";
import { measureInBrowser } from "./report/browser-times.ts";
import { measureMlflow, measureWholeComparison } from "./report/mlflow-times.ts";
import { syntheticRun } from "./report/synthetic-store.ts";
import { writeReport } from "./report/write-report.ts";

const runCount = Number(process.argv[2] ?? 2000);
const rounds = 3;
const folder = mkdtempSync(path.join(tmpdir(), "nightsweep-bench-mlflow-"));
const { browser, reason } = await openBrowser();
if (!browser) throw new Error(`there is no Chromium: ${reason}`);
const { store, run } = syntheticRun(runCount);
const mlflow = await startMlflowServer(await mlflowPython(process.env));
try {
  const begin = performance.now();
  const server = await fillServer(mlflow.address, store, run);
  const fillSeconds = (performance.now() - begin) / 1000;
  console.log(`${server.runIds.length} runs logged to MLflow in ${fillSeconds.toFixed(0)} s`);
  const { file, seconds: writeSeconds } = await writeReport(store, run, folder);
  const [theirs, ours] = [[], []] as [
    Awaited<ReturnType<typeof measureMlflow>>[],
    Awaited<ReturnType<typeof measureInBrowser>>[],
  ];
  for (let round = 0; round < rounds; round++) {
    theirs.push(await measureMlflow(browser, mlflow.address, server));
    ours.push(await measureInBrowser(browser, file));
    console.log(JSON.stringify({ mlflow: theirs.at(-1), nightsweep: ours.at(-1) }));
  }
  const tables = [
    median(theirs.map(({ tableMs }) => tableMs)),
    median(ours.map(({ firstViewMs }) => firstViewMs)),
  ] as const;
  const allViewsMs = median(ours.map((times) => times.allViewsMs));
  const comparison200 = median(theirs.map(({ comparisonMs }) => comparisonMs));
  const charts = median(theirs.map(({ chartsMs }) => chartsMs));
  const comparisonAll = await measureWholeComparison(browser, mlflow.address, server);
  console.log(
    JSON.stringify({
      benchmark: "mlflow",
      runs: runCount,
      fillSeconds,
      writeSeconds,
      mlflowMs: { table: tables[0], charts, comparison200, comparisonAll },
      nightsweepMs: { table: tables[1], allViews: allViewsMs },
      ratios: {
        table: tables[0] / tables[1],
        comparison200: comparison200 / allViewsMs,
        comparisonAll: comparisonAll === undefined ? undefined : comparisonAll / allViewsMs,
      },
    }),
  );
} finally {
  await mlflow.stop();
  await browser.close().catch(() => undefined);
  rmSync(folder, { recursive: true, force: true });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
