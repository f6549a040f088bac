import type { Browser, Page } from "playwright-core";
import type { FilledServer } from "../peers/mlflow-peer.ts";

/** How long people wait for MLflow's page in Chromium, in milliseconds. */
export interface MlflowTimes {
  /** From the address to the first rows of the runs table, which loads 100 runs. */
  readonly tableMs: number;
  /** From the address to the charts beside the table, of the newest runs. */
  readonly chartsMs: number;
  /** From the address of the comparison of all runs to its parallel coordinates. */
  readonly comparisonMs: number;
}

const limitMs = 280_000;

/** Opens the pages of a filled server, each in a tab of its own, after the browser has fetched their scripts once. */
export async function measureMlflow(
  browser: Browser,
  address: string,
  { experimentId, runIds }: FilledServer,
): Promise<MlflowTimes> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 950 } });
  const visit = async (url: string, selector: string): Promise<number> => {
    const page = await context.newPage();
    page.setDefaultTimeout(limitMs);
    const begin = performance.now();
    await page.goto(url);
    await page.locator(selector).first().waitFor();
    await drawn(page);
    const spent = performance.now() - begin;
    await page.close();
    return spent;
  };
  const runs = `${address}/#/experiments/${experimentId}/runs`;
  const ids = encodeURIComponent(JSON.stringify(runIds));
  const comparison = `${address}/#/compare-runs?runs=${ids}&experiments=${encodeURIComponent(JSON.stringify([experimentId]))}`;
  const row = ".ag-center-cols-container .ag-row, .ag-pinned-left-cols-container .ag-row";
  const chart = ".js-plotly-plot .main-svg";
  await visit(`${runs}?compareRunsMode=CHART`, chart);
  const oneRun = comparison.replace(ids, encodeURIComponent(JSON.stringify(runIds.slice(0, 2))));
  await visit(oneRun, chart);
  const tableMs = await visit(runs, row);
  const chartsMs = await visit(`${runs}?compareRunsMode=CHART`, chart);
  const comparisonMs = await visit(comparison, chart);
  await context.close();
  return { tableMs, chartsMs, comparisonMs };
}

function drawn(page: Page): Promise<unknown> {
  return page.evaluate("new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))");
}
