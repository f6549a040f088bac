import { basename, resolve } from "node:path";
import type { Data } from "../spec/schema/data.ts";
import { all, type Checked, refuse } from "./checked.ts";
import { type DataFolder, listFolder } from "./data-folder.ts";
import type { DataManifest } from "./data-manifest.ts";
import type { CheckedDataset, Dataset } from "./dataset.ts";
import type { DatasetProblem } from "./dataset-problem.ts";
import { openCifar } from "./open-cifar.ts";
import { openIdx } from "./open-idx.ts";
import { openImageFolder } from "./open-image-folder.ts";
import { type DataEnvironment, openNamed } from "./open-named.ts";

type DatasetSpec = Data["dataset"];
type FolderSpec = Exclude<DatasetSpec, string>;

/**
 * Reads and checks a data set to its last label, without laying out its images.
 * @param spec the `data.dataset` section of an experiment
 * @param root absolute path that relative folders start from
 * @param environment says where data sets are that are known by name
 * @returns what the data set is, or everything that is wrong with it
 */
export async function loadManifest(
  spec: DatasetSpec,
  root: string,
  environment: DataEnvironment = process.env,
): Promise<{ readonly manifest: DataManifest } | { readonly problems: readonly DatasetProblem[] }> {
  const opened = await openDataset(spec, root, environment);
  return "problems" in opened ? opened : { manifest: opened.value.manifest };
}

/**
 * Reads and checks a data set and lays out its images.
 * @param spec the `data.dataset` section of an experiment
 * @param root absolute path that relative folders start from
 * @param environment says where data sets are that are known by name
 * @returns the data set in memory, uint8 or as stored, or everything that is wrong with it
 */
export async function loadDataset(
  spec: DatasetSpec,
  root: string,
  environment: DataEnvironment = process.env,
): Promise<{ readonly dataset: Dataset } | { readonly problems: readonly DatasetProblem[] }> {
  const opened = await openDataset(spec, root, environment);
  if ("problems" in opened) return opened;
  const { manifest, train, test, validation } = opened.value;
  const parts = all([await train.layOut(), await test.layOut(), ...(validation ? [await validation.layOut()] : [])]);
  if ("problems" in parts) return parts;
  const [trainPart, testPart, validationPart] = parts.value;
  if (!trainPart || !testPart) throw new Error("a data set has a training and a test part");
  return {
    dataset: { manifest, train: trainPart, test: testPart, ...(validationPart && { validation: validationPart }) },
  };
}

async function openDataset(
  spec: DatasetSpec,
  root: string,
  environment: DataEnvironment,
): Promise<Checked<CheckedDataset>> {
  if (typeof spec === "string") return openNamed(spec, environment);
  const path = resolve(root, spec.folder);
  if (spec.labels !== undefined && spec.format !== "cifar100") return refuseLabelChoice(path, spec);
  const folder = await listFolder(path);
  return "problems" in folder ? folder : openFolder(spec, folder.value);
}

function refuseLabelChoice(file: string, spec: FolderSpec): Checked<CheckedDataset> {
  const message = `labels: ${spec.labels} was given, but ${spec.format} has only one kind of labels`;
  return refuse({ code: "wrong-label-choice", file, message, fix: "take labels out, or set format: cifar100" });
}

async function openFolder(spec: FolderSpec, folder: DataFolder): Promise<Checked<CheckedDataset>> {
  const name = basename(folder.path);
  switch (spec.format) {
    case "idx":
      return openIdx({ name, folder, fixFiles: "put the file into the folder, or correct data.dataset" });
    case "cifar10":
      return openCifar({ name, folder, format: spec.format });
    case "cifar100":
      return openCifar({ name, folder, format: spec.format, labels: spec.labels ?? "fine" });
    case "images":
      return openImageFolder(name, folder);
    default:
      return spec.format satisfies never;
  }
}
