import { collectGallery } from "./collect-gallery.ts";
import { objectKeys } from "../contract/object-keys.ts";
import { loadRun } from "../record/load-run.ts";
import { loadProvenances } from "../record/provenance.ts";
import type { RunDocument } from "../record/run-records.ts";
import type { Store } from "../record/store.ts";
import { collectReportData } from "../report/collect-report-data.ts";
import { loadReportAssets } from "../report/report-assets.ts";
import { renderHtmlReport } from "../report/render-html.ts";

/**
 * The HTML report of a run, from its records.
 * @param hasImages whether pictures of the data are put into it
 * @returns the file's text, or why the pictures can't be had
 */
export async function renderRunReport(
  store: Store,
  run: RunDocument,
  { hasImages }: { readonly hasImages: boolean },
): Promise<{ readonly html: string } | { readonly problem: string }> {
  const provenances = await loadProvenances(store, objectKeys.run(run.experiment, run.runId));
  const records = { ...(await loadRun(store, run.experiment, run.runId)), provenances };
  const data = collectReportData(records);
  const assets = await loadReportAssets();
  if (!hasImages) return { html: renderHtmlReport(data, assets) };
  const collected = await collectGallery(store, run, records);
  return "problem" in collected ? collected : { html: renderHtmlReport({ ...data, ...collected }, assets) };
}
