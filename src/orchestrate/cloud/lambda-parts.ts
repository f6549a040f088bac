import { deploymentVariables, type CloudSettings } from "../../contract/deployment.ts";
import { openStore } from "../../record/open-store.ts";
import type { ReportAssets } from "../../report/report-assets.ts";
import type { CloudParts } from "./cloud-parts.ts";
import { benchmarkGate } from "./benchmark-gate.ts";

/**
 * What the code behind a Lambda function works with, from its environment.
 * @param assets the report's client, which is bundled with the functions that write reports
 */
export async function lambdaParts(assets?: ReportAssets): Promise<CloudParts> {
  const { createBatchJobService } = await import("../../execute/batch-job-service.ts");
  const settings: CloudSettings = JSON.parse(process.env[deploymentVariables.cloud] ?? "{}");
  return {
    settings,
    store: openStore(settings.store),
    jobs: createBatchJobService(),
    now: () => new Date(),
    loadAsset: ({ bucket, key }) => openStore(`s3://${bucket}`).get(key),
    assets: () =>
      assets === undefined ? Promise.reject(new Error("this function writes no reports")) : Promise.resolve(assets),
    gate: benchmarkGate(() => new Date()),
  };
}
