import { createHash, randomBytes } from "node:crypto";
import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { dataVariables } from "../src/contract/data-variables.ts";
import type { PlannedData } from "../src/plan/plan.ts";
import { FolderLocks } from "../src/record/folder-locks.ts";
import { mapConcurrently } from "../src/record/map-concurrently.ts";
import type { Store } from "../src/record/store.ts";
import {
  listUploadedFiles,
  uploadedFileKey,
  uploadNameOf,
  type UploadedFile,
} from "../src/record/uploaded-datasets.ts";
import type { DataPlace, DataSource } from "./dataset-cache.ts";

/** Large data sets take a while; who is still at it after so long hangs, and at worst two fetch the same. */
const abandonedAfterMs = 10 * 60 * 1000;
const concurrentFiles = 16;

/**
 * Data sets that were uploaded to the store, fetched once into a folder that all trials on this machine share: one
 * fetches, the others wait. Every file is compared with its hash, and a data set is there whole or not at all.
 */
export class FetchedDatasets implements DataSource {
  private readonly locks: FolderLocks;

  /**
   * @param folder absolute path of the shared folder
   * @param log takes a line for people
   */
  constructor(
    private readonly store: Store,
    private readonly folder: string,
    private readonly log: (line: string) => void,
  ) {
    this.locks = new FolderLocks(path.join(folder, ".locks"), { abandonedAfterMs });
  }

  /** Where a data set is now; undefined if it was not uploaded. @throws Error if a file is not what was uploaded */
  async find({ spec, dataset }: PlannedData): Promise<DataPlace | undefined> {
    // It comes with nightsweep.
    if (spec.dataset === "mnist") return undefined;
    const { sha256 } = dataset;
    const name = uploadNameOf(spec.dataset);
    const own = path.join(this.folder, sha256);
    if (!(await exists(own))) {
      const files = await listUploadedFiles(this.store, spec.dataset, sha256);
      if (files === undefined) return undefined;
      await this.locks.hold(sha256, async () => {
        if (!(await exists(own))) await this.fetch(files, { name, sha256, own });
      });
    }
    if (typeof spec.dataset === "string")
      return { spec: spec.dataset, root: own, environment: { [dataVariables.folder]: own } };
    return { spec: { ...spec.dataset, folder: name }, root: own, environment: {} };
  }

  private async fetch(files: readonly UploadedFile[], { name, sha256, own }: Target): Promise<void> {
    const beganMs = performance.now();
    // Renamed when it is whole; two that fetch at the same time don't meet.
    const making = `${own}.${randomBytes(6).toString("hex")}.part`;
    try {
      await mapConcurrently(
        files,
        async (file) => {
          const target = path.join(making, name, ...file.name.split("/"));
          await mkdir(path.dirname(target), { recursive: true });
          await writeFile(target, await this.load(uploadedFileKey(name, sha256, file.name), file));
        },
        concurrentFiles,
      );
      await rename(making, own).catch(async (error: unknown) => {
        if (!(await exists(own))) throw error;
      });
    } finally {
      await rm(making, { recursive: true, force: true });
    }
    const megabytes = files.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;
    const seconds = (performance.now() - beganMs) / 1000;
    this.log(`fetched the data set ${name} (${megabytes.toFixed(1)} MB) in ${seconds.toFixed(1)} s`);
  }

  private async load(key: string, { sha256, bytes }: UploadedFile): Promise<Uint8Array> {
    const content = await this.store.get(key);
    const found = content && createHash("sha256").update(content).digest("hex");
    if (content !== undefined && found === sha256) return content;
    const what =
      content === undefined ? "is missing" : `has ${content.length} bytes that are not the ${bytes} uploaded`;
    throw new Error(`${key} ${what}: upload the data set again with \`nightsweep push-data --force\``);
  }
}

interface Target {
  readonly name: string;
  readonly sha256: string;
  /** Folder that is the data set's own. */
  readonly own: string;
}

function exists(folder: string): Promise<boolean> {
  return stat(folder).then(
    () => true,
    () => false,
  );
}
