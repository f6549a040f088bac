import type { CloudSettings } from "../../contract/deployment.ts";
import type { Store } from "../../record/store.ts";
import type { ReportAssets } from "../../report/report-assets.ts";
import type { NightGate } from "./night-gate.ts";
import type { JobService } from "../../execute/job-service.ts";

/** What the code behind the Lambda functions works with. */
export interface CloudParts {
  readonly settings: CloudSettings;
  readonly store: Store;
  readonly jobs: JobService;
  readonly now: () => Date;
  /** Reads an object of any bucket, e.g. an asset. */
  readonly loadAsset: (address: { readonly bucket: string; readonly key: string }) => Promise<Uint8Array | undefined>;
  readonly assets: () => Promise<ReportAssets>;
  /** Judges scheduled runs. */
  readonly gate: NightGate;
}
