import { basename, resolve } from "node:path";
import type { Data } from "../spec/schema/data.ts";
import { type Checked, refuse } from "./checked.ts";
import { type DataFolder, listFolder } from "./data-folder.ts";
import type { DataManifest } from "./data-manifest.ts";
import type { CheckedDataset, CheckedExamples, Dataset, Examples } from "./dataset.ts";
import type { DatasetProblem } from "./dataset-problem.ts";
import { openCifar } from "./open-cifar.ts";
import { openIdx } from "./open-idx.ts";
import { findMnistPackage, openMnist } from "./open-mnist.ts";

type DatasetSpec = Data["dataset"];
type FolderSpec = Exclude<DatasetSpec, string>;

/**
 * Reads and checks a data set to its last label, without laying out its images.
 * @param spec the `data.dataset` section of an experiment
 * @param root absolute path that relative folders start from
 * @returns what the data set is, or everything that is wrong with it
 */
export async function loadManifest(
  spec: DatasetSpec,
  root: string,
): Promise<{ readonly manifest: DataManifest } | { readonly problems: readonly DatasetProblem[] }> {
  const opened = await openDataset(spec, root);
  return "problems" in opened ? opened : { manifest: opened.value.manifest };
}

/**
 * Reads and checks a data set and lays out its images.
 * @param spec the `data.dataset` section of an experiment
 * @param root absolute path that relative folders start from
 * @returns the data set, uint8 in memory, or everything that is wrong with it
 */
export async function loadDataset(
  spec: DatasetSpec,
  root: string,
): Promise<{ readonly dataset: Dataset } | { readonly problems: readonly DatasetProblem[] }> {
  const opened = await openDataset(spec, root);
  if ("problems" in opened) return opened;
  const { manifest, train, test } = opened.value;
  return { dataset: { manifest, train: layOut(train), test: layOut(test) } };
}

async function openDataset(spec: DatasetSpec, root: string): Promise<Checked<CheckedDataset>> {
  if (spec === "mnist") {
    const packageFolder = findMnistPackage();
    return "problems" in packageFolder ? packageFolder : openMnist(packageFolder.value);
  }
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
  if (spec.format === "idx") {
    return openIdx({ name, folder, fixFiles: "put the file into the folder, or correct data.dataset" });
  }
  return spec.format === "cifar100"
    ? openCifar({ name, folder, format: spec.format, labels: spec.labels ?? "fine" })
    : openCifar({ name, folder, format: spec.format });
}

function layOut(checked: CheckedExamples): Examples {
  return { images: checked.decodeImages(), labels: checked.labels, count: checked.count };
}
