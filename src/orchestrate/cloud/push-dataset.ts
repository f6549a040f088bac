import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { locateDataset } from "../../dataset/locate-dataset.ts";
import { loadManifest } from "../../dataset/open-dataset.ts";
import type { DatasetProblem } from "../../dataset/dataset-problem.ts";
import type { DataManifest } from "../../dataset/data-manifest.ts";
import { mapConcurrently } from "../../record/map-concurrently.ts";
import type { Store } from "../../record/store.ts";
import {
  completeUpload,
  listUploadedFiles,
  uploadedFileKey,
  uploadNameOf,
  type UploadedFile,
} from "../../record/uploaded-datasets.ts";
import type { Data } from "../../spec/schema/data.ts";

/** What became of a data set that was to be uploaded. */
export interface PushedDataset {
  readonly name: string;
  readonly sha256: string;
  /** `bundled`: it comes with nightsweep, in the image too. */
  readonly outcome: "uploaded" | "there" | "bundled";
  readonly files: number;
  readonly bytes: number;
}

/** How a data set is uploaded. */
export interface PushOptions {
  /** Absolute path that relative folders start from. */
  readonly root: string;
  /** Whether it is uploaded again if it is there. */
  readonly isForced?: boolean | undefined;
}

/** Names of classes and the like are no data: they lie beside it in small files. */
const maxNamesFileBytes = 1_000_000;
const concurrentFiles = 16;

/**
 * Uploads a data set once: its files by their hashes, then what is known about it. One that was uploaded to its end is
 * left alone; one that was not is completed.
 */
export async function pushDataset(
  store: Store,
  spec: Data["dataset"],
  { root, isForced = false }: PushOptions,
): Promise<PushedDataset | { readonly problems: readonly DatasetProblem[] }> {
  const loaded = await loadManifest(spec, root);
  if ("problems" in loaded) return loaded;
  const { manifest } = loaded;
  const name = uploadNameOf(spec);
  const known = { name, sha256: manifest.sha256 };
  if (spec === "mnist") {
    // Schedules need to know what it is, nobody its files.
    await completeUpload(store, spec, { manifest, files: [] });
    return { ...known, outcome: "bundled", files: 0, bytes: 0 };
  }
  const there = isForced ? undefined : await listUploadedFiles(store, spec, manifest.sha256);
  if (there !== undefined) {
    await completeUpload(store, spec, { manifest, files: there });
    return { ...known, outcome: "there", ...sizeOf(there) };
  }
  const folder = await locateDataset(spec, root);
  const files = await mapConcurrently(
    await filesOf(folder, manifest),
    async (file): Promise<UploadedFile> => {
      const bytes = await readFile(path.join(folder, ...file.split("/")));
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      await store.put(uploadedFileKey(name, manifest.sha256, file), bytes);
      return { name: file, bytes: bytes.length, sha256 };
    },
    concurrentFiles,
  );
  await completeUpload(store, spec, { manifest, files });
  return { ...known, outcome: "uploaded", ...sizeOf(files) };
}

/** The files of a data set and small text files beside them, sorted. */
async function filesOf(folder: string, manifest: DataManifest): Promise<string[]> {
  const names = new Set(manifest.files.map(({ name }) => name));
  for (const name of await readdir(folder)) {
    if (!name.endsWith(".txt")) continue;
    const { size } = await stat(path.join(folder, name));
    if (size <= maxNamesFileBytes) names.add(name);
  }
  return [...names].sort();
}

function sizeOf(files: readonly UploadedFile[]): { readonly files: number; readonly bytes: number } {
  return { files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}
