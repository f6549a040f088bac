import { fileURLToPath } from "node:url";
import { loadReportAssets, type ReportAssets } from "../../src/report/report-assets.ts";

/** The bundled client as the build made it; benchmarks run from the sources. */
export function reportClient(): Promise<ReportAssets> {
  return loadReportAssets(fileURLToPath(new URL("../../dist/src/report", import.meta.url)));
}
