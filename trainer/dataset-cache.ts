import type { Failure } from "../src/contract/worker-messages.ts";
import type { Dataset } from "../src/dataset/dataset.ts";
import { formatDatasetProblem } from "../src/dataset/dataset-problem.ts";
import { loadDataset } from "../src/dataset/open-dataset.ts";
import type { PlannedData } from "../src/plan/plan.ts";

/** The data sets that a process has loaded, shared by all its trials. */
export class DatasetCache {
  private readonly bySha256 = new Map<string, Dataset>();

  /** @param root absolute path that relative folders of data sets start from */
  constructor(private readonly root: string) {}

  /** The data set that was planned with, or why it can't be had. */
  async load(planned: PlannedData): Promise<{ readonly dataset: Dataset } | { readonly failure: Failure }> {
    const { sha256, name } = planned.dataset;
    const cached = this.bySha256.get(sha256);
    if (cached !== undefined) return { dataset: cached };
    const loaded = await loadDataset(planned.spec.dataset, this.root);
    if ("problems" in loaded) return refuse(loaded.problems.map(formatDatasetProblem).join("\n"));
    const { manifest } = loaded.dataset;
    if (manifest.sha256 !== sha256) {
      const [now, then] = [manifest.sha256.slice(0, 12), sha256.slice(0, 12)];
      return refuse(
        `the data set "${name}" has changed since the run was planned: its SHA-256 is ${now}…, planned was ${then}…. ` +
          "Restore its files, or start a new run of the experiment.",
      );
    }
    this.bySha256.set(sha256, loaded.dataset);
    return { dataset: loaded.dataset };
  }
}

function refuse(reason: string): { readonly failure: Failure } {
  return { failure: { kind: "user", reason } };
}
