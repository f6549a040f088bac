import { loadRun } from "../record/load-run.ts";
import type { RunDocument } from "../record/run-records.ts";
import type { Store } from "../record/store.ts";
import { collectReportData } from "../report/collect-report-data.ts";
import { loadReportAssets } from "../report/report-assets.ts";
import { renderHtmlReport } from "../report/render-html.ts";

/** The HTML report of a run, from its records. */
export async function renderRunReport(store: Store, { experiment, runId }: RunDocument): Promise<string> {
  const records = await loadRun(store, experiment, runId);
  return renderHtmlReport(collectReportData(records), await loadReportAssets());
}
