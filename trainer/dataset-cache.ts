import type { Failure } from "../src/contract/worker-messages.ts";
import type { Dataset, Examples } from "../src/dataset/dataset.ts";
import { formatDatasetProblem } from "../src/dataset/dataset-problem.ts";
import { loadDataset } from "../src/dataset/open-dataset.ts";
import type { PlannedData } from "../src/plan/plan.ts";

/** Bytes of data sets that are kept for later trials besides the one in use. */
const defaultMaxBytes = 512 * 2 ** 20;

/** Where the files of a data set are on this machine. */
export interface DataPlace {
  readonly spec: PlannedData["spec"]["dataset"];
  /** Absolute path that a relative folder starts from. */
  readonly root: string;
  /** Says where data sets are that are known by name. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Another place that data sets are had from. */
export interface DataSource {
  /** Where a data set is now; undefined if it isn't had from there. */
  find(planned: PlannedData): Promise<DataPlace | undefined>;
}

/** The data sets that a process has loaded, shared by all its trials; those unused for longest give way. */
export class DatasetCache {
  /** The one used last stands last. */
  private readonly bySha256 = new Map<string, Dataset>();

  /**
   * @param root absolute path that relative folders of data sets start from
   * @param maxBytes more than one data set is kept only as long as all together are smaller
   * @param source is asked first; absent = data sets are where the plan says
   */
  constructor(
    private readonly root: string,
    private readonly maxBytes = defaultMaxBytes,
    private readonly source?: DataSource,
  ) {}

  /** SHA-256 of the data sets in memory, the one used last at the end. */
  get keys(): readonly string[] {
    return [...this.bySha256.keys()];
  }

  /** The data set that was planned with, or why it can't be had. */
  async load(planned: PlannedData): Promise<{ readonly dataset: Dataset } | { readonly failure: Failure }> {
    const { sha256, name } = planned.dataset;
    const cached = this.bySha256.get(sha256);
    if (cached !== undefined) return { dataset: this.keep(sha256, cached) };
    const fetched = await this.source?.find(planned);
    const loaded =
      fetched === undefined
        ? await loadDataset(planned.spec.dataset, this.root)
        : await loadDataset(fetched.spec, fetched.root, fetched.environment);
    if ("problems" in loaded) return refuse(loaded.problems.map(formatDatasetProblem).join("\n"));
    const { manifest } = loaded.dataset;
    if (manifest.sha256 !== sha256) {
      const [now, then] = [manifest.sha256.slice(0, 12), sha256.slice(0, 12)];
      return refuse(
        `the data set "${name}" has changed since the run was planned: its SHA-256 is ${now}…, planned was ${then}…. ` +
          "Restore its files, or start a new run of the experiment.",
      );
    }
    return { dataset: this.keep(sha256, loaded.dataset) };
  }

  private keep(sha256: string, dataset: Dataset): Dataset {
    this.bySha256.delete(sha256);
    this.bySha256.set(sha256, dataset);
    let bytes = [...this.bySha256.values()].reduce((sum, kept) => sum + sizeOf(kept), 0);
    for (const [oldest, kept] of this.bySha256) {
      if (oldest === sha256 || bytes <= this.maxBytes) break;
      this.bySha256.delete(oldest);
      bytes -= sizeOf(kept);
    }
    return dataset;
  }
}

/** Bytes of the images. */
function sizeOf({ train, test, validation }: Dataset): number {
  const bytes = (examples: Examples): number =>
    "images" in examples ? examples.images.byteLength : examples.encoded.byteLength;
  return bytes(train) + bytes(test) + (validation === undefined ? 0 : bytes(validation));
}

function refuse(reason: string): { readonly failure: Failure } {
  return { failure: { kind: "user", reason } };
}
