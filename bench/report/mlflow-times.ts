import type { Browser, BrowserContext, Page } from "playwright-core";
import type { FilledServer } from "../peers/mlflow-peer.ts";

/** How long people wait for MLflow's page in Chromium, in milliseconds. */
export interface MlflowTimes {
  /** From the address to the first rows of the runs table, which loads 100 runs. */
  readonly tableMs: number;
  /** From the address to the charts beside the table, of the newest runs. */
  readonly chartsMs: number;
  /** From the address of the comparison of the first 200 runs to its parallel coordinates. */
  readonly comparisonMs: number;
}

/** Longer is not waited for. */
const limitMs = 280_000;
const comparedRuns = 200;
const chart = ".js-plotly-plot .main-svg";

/** Opens the pages of a filled server, each in a tab of its own, after the browser has fetched their scripts once. */
export async function measureMlflow(
  browser: Browser,
  address: string,
  { experimentId, runIds }: FilledServer,
): Promise<MlflowTimes> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 950 } });
  const runs = `${address}/#/experiments/${experimentId}/runs`;
  const comparing = (count: number): string => comparisonAddress(address, experimentId, runIds.slice(0, count));
  const row = ".ag-center-cols-container .ag-row, .ag-pinned-left-cols-container .ag-row";
  await visit(context, `${runs}?compareRunsMode=CHART`, chart);
  await visit(context, comparing(2), chart);
  const tableMs = await visit(context, runs, row);
  const chartsMs = await visit(context, `${runs}?compareRunsMode=CHART`, chart);
  const comparisonMs = await visit(context, comparing(comparedRuns), chart);
  await context.close();
  return { tableMs, chartsMs, comparisonMs };
}

/** From the address of the comparison of all runs to its parallel coordinates; undefined = not within 280 s. */
export async function measureWholeComparison(
  browser: Browser,
  address: string,
  { experimentId, runIds }: FilledServer,
): Promise<number | undefined> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 950 } });
  try {
    return await visit(context, comparisonAddress(address, experimentId, runIds), chart);
  } catch (error) {
    console.log(`the comparison of all runs did not show: ${String(error).split("\n")[0]}`);
    return undefined;
  } finally {
    // A page of that size may have taken its browser along.
    await context.close().catch(() => undefined);
  }
}

function comparisonAddress(address: string, experimentId: string, runIds: readonly string[]): string {
  const [runs, experiments] = [runIds, [experimentId]].map((list) => encodeURIComponent(JSON.stringify(list)));
  return `${address}/#/compare-runs?runs=${runs}&experiments=${experiments}`;
}

async function visit(context: BrowserContext, url: string, selector: string): Promise<number> {
  const page = await context.newPage();
  page.setDefaultTimeout(limitMs);
  const begin = performance.now();
  await page.goto(url);
  await page.locator(selector).first().waitFor();
  await drawn(page);
  const spent = performance.now() - begin;
  await page.close();
  return spent;
}

function drawn(page: Page): Promise<unknown> {
  return page.evaluate("new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))");
}
