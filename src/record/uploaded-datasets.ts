import path from "node:path";
import { z } from "zod";
import { objectKeys } from "../contract/object-keys.ts";
import type { PlannedDataset } from "../plan/plan.ts";
import type { Data } from "../spec/schema/data.ts";
import { encodeJson, loadJson } from "./json-object.ts";
import type { Store } from "./store.ts";

const count = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "expected a SHA-256");

/** What a plan needs to know of `manifest.json`; there is more in it. */
const manifestSchema: z.ZodType<PlannedDataset> = z.object({
  name: z.string(),
  sha256,
  imageShape: z.tuple([count, count, count]),
  classCount: count,
  classNames: z.array(z.string()),
  trainExamples: count,
  testExamples: count,
  classCounts: z.object({ train: z.array(count), test: z.array(count) }).exactOptional(),
  validationExamples: count.exactOptional(),
  storedBytes: count.exactOptional(),
  mixedSizes: z.array(z.string()).exactOptional(),
});

const filesSchema = z.object({
  schemaVersion: z.literal(1),
  /** Paths inside the data set's folder, with `/`. */
  files: z.array(z.object({ name: z.string(), bytes: count, sha256 })),
});

/** A file of an uploaded data set, as it is stored. */
export type UploadedFile = z.infer<typeof filesSchema>["files"][number];

type DatasetSpec = Data["dataset"];

/** The name that a data set is uploaded under: what it is known by, or its folder's. */
export function uploadNameOf(spec: DatasetSpec): string {
  return typeof spec === "string" ? spec : path.basename(path.resolve("/", spec.folder));
}

/** Key of a file of an uploaded data set. */
export function uploadedFileKey(name: string, datasetSha256: string, file: string): string {
  return `${objectKeys.dataset(name, datasetSha256)}/files/${file}`;
}

/** What is known about the data set that was uploaded last under an experiment's name for it, or undefined. */
export async function findUploadedDataset(store: Store, spec: DatasetSpec): Promise<PlannedDataset | undefined> {
  const name = uploadNameOf(spec);
  const current = await loadJson(store, objectKeys.datasetCurrent(name, labelsOf(spec)), z.object({ sha256 }));
  return current && loadJson(store, objectKeys.datasetManifest(name, current.sha256), manifestSchema);
}

/** The files of an uploaded data set; undefined if it was not uploaded, or not to its end. */
export async function listUploadedFiles(
  store: Store,
  spec: DatasetSpec,
  datasetSha256: string,
): Promise<readonly UploadedFile[] | undefined> {
  const name = uploadNameOf(spec);
  const listed = await loadJson(store, `${objectKeys.dataset(name, datasetSha256)}/files.json`, filesSchema);
  return listed?.files;
}

/**
 * Completes the upload of a data set whose files are there: their list, what is known about them, and that it is the
 * newest one of its name.
 */
export async function completeUpload(
  store: Store,
  spec: DatasetSpec,
  upload: { readonly manifest: PlannedDataset; readonly files: readonly UploadedFile[] },
): Promise<void> {
  const name = uploadNameOf(spec);
  const { manifest, files } = upload;
  await store.put(`${objectKeys.dataset(name, manifest.sha256)}/files.json`, encodeJson({ schemaVersion: 1, files }));
  await store.put(objectKeys.datasetManifest(name, manifest.sha256), encodeJson(manifest));
  await store.put(objectKeys.datasetCurrent(name, labelsOf(spec)), encodeJson({ sha256: manifest.sha256 }));
}

/** Of CIFAR-100 there are two: fine labels are the usual ones. */
function labelsOf(spec: DatasetSpec): string | undefined {
  return typeof spec === "object" && spec.labels === "coarse" ? spec.labels : undefined;
}
