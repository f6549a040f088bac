import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { Data } from "../spec/schema/data.ts";
import { dataVariables } from "../contract/data-variables.ts";
import { andThen, type Checked, refuse } from "./checked.ts";
import { type DataFolder, listFolder } from "./data-folder.ts";
import type { CheckedDataset } from "./dataset.ts";
import { openCifar } from "./open-cifar.ts";
import { openIdx } from "./open-idx.ts";
import { findMnistPackage, openMnist } from "./open-mnist.ts";

/** The environment that says where data sets are. */
export type DataEnvironment = Readonly<Record<string, string | undefined>>;

type NamedDataset = Extract<Data["dataset"], string>;
type FolderName = Exclude<NamedDataset, "mnist">;

/** What was published under a name, and where it is to be had. */
interface Publication {
  readonly files: string;
  readonly source: string;
  readonly trainExamples: number;
  readonly testExamples: number;
}

const publications: Readonly<Record<FolderName, Publication>> = {
  "fashion-mnist": {
    files:
      "train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz",
    source: "the folder data/fashion of github.com/zalandoresearch/fashion-mnist",
    trainExamples: 60_000,
    testExamples: 10_000,
  },
  cifar10: {
    files: "data_batch_1.bin … data_batch_5.bin, test_batch.bin, batches.meta.txt",
    source: "cifar-10-binary.tar.gz (binary version) at www.cs.toronto.edu/~kriz/cifar.html",
    trainExamples: 50_000,
    testExamples: 10_000,
  },
  cifar100: {
    files: "train.bin, test.bin, fine_label_names.txt, coarse_label_names.txt",
    source: "cifar-100-binary.tar.gz (binary version) at www.cs.toronto.edu/~kriz/cifar.html",
    trainExamples: 50_000,
    testExamples: 10_000,
  },
};

/** @see the table of labels in the README of zalandoresearch/fashion-mnist */
const fashionNames = [
  "T-shirt/top",
  "Trouser",
  "Pullover",
  "Dress",
  "Coat",
  "Sandal",
  "Shirt",
  "Sneaker",
  "Bag",
  "Ankle boot",
] as const;

/** Opens a data set that is known by name: from its package, or from the folder that people put it into. */
export async function openNamed(name: NamedDataset, environment: DataEnvironment): Promise<Checked<CheckedDataset>> {
  if (name === "mnist") {
    const packageFolder = findMnistPackage();
    return "problems" in packageFolder ? packageFolder : openMnist(packageFolder.value);
  }
  const folder = await findFolder(name, placesOf(name, environment));
  if ("problems" in folder) return folder;
  return andThen(await openFolder(name, folder.value), (dataset) => checkCounts(name, folder.value, dataset));
}

/** Absolute path of the folder with the files of a data set that is known by name. */
export async function findNamedFolder(name: NamedDataset, environment: DataEnvironment): Promise<Checked<string>> {
  if (name === "mnist") return andThen(findMnistPackage(), (folder) => ({ value: join(folder, "data") }));
  return andThen(await findFolder(name, placesOf(name, environment)), ({ path }) => ({ value: path }));
}

/** The folders that a data set may be in, the first choice first. */
function placesOf(name: FolderName, environment: DataEnvironment): readonly string[] {
  const chosen = environment[dataVariables.folder];
  const own = join(homedir(), ".cache", "nightsweep", "datasets", name);
  return chosen === undefined || chosen === "" ? [own] : [resolve(chosen, name), own];
}

async function findFolder(name: FolderName, places: readonly string[]): Promise<Checked<DataFolder>> {
  for (const place of places) {
    const folder = await listFolder(place);
    if ("value" in folder) return folder;
    if (folder.problems.some(({ code }) => code !== "missing-folder")) return folder;
  }
  const { files, source } = publications[name];
  const [first = "", ...others] = places;
  return refuse({
    code: "missing-dataset",
    file: first,
    message: `${name} does not come with nightsweep, and there is no such folder${others.length > 0 ? `, nor ${others.join(", ")}` : ""}`,
    fix: `put the official files there (${files}; they come from ${source}), or set ${dataVariables.folder} to the folder that holds a folder "${name}"`,
  });
}

function openFolder(name: FolderName, folder: DataFolder): Promise<Checked<CheckedDataset>> {
  const { files, source } = publications[name];
  const fixFiles = `put the official files there: ${files}; they come from ${source}`;
  switch (name) {
    case "fashion-mnist":
      return openIdx({ name, folder, fixFiles, classNames: fashionNames });
    case "cifar10":
      return openCifar({ name, folder, format: name });
    case "cifar100":
      return openCifar({ name, folder, format: name, labels: "fine" });
    default:
      return name satisfies never;
  }
}

function checkCounts(name: FolderName, { path }: DataFolder, dataset: CheckedDataset): Checked<CheckedDataset> {
  const { trainExamples, testExamples, source } = publications[name];
  const { train, test } = dataset;
  if (train.count === trainExamples && test.count === testExamples) return { value: dataset };
  const message = `these are ${train.count} training and ${test.count} test images, ${name} has ${trainExamples} and ${testExamples}`;
  const fix = `put the whole files there (from ${source}), or name the folder: \`dataset: { format: …, folder: … }\``;
  return refuse({ code: "wrong-count", file: path, message, fix });
}
