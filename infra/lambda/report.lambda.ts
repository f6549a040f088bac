import type { ReportStep, RunStep } from "../../src/contract/run-machine.ts";
import { lambdaParts } from "../../src/orchestrate/cloud/lambda-parts.ts";
import { reportStep } from "../../src/orchestrate/cloud/report-step.ts";
import { loadReportAssets } from "../../src/report/report-assets.ts";

/** The end of a run: index, seal, report, and who is told what. The report's client lies beside the bundle. */
export const handler = async (step: RunStep): Promise<ReportStep> =>
  reportStep(await lambdaParts(await loadReportAssets()), step);
