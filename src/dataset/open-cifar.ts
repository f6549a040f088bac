import { all, andThen, both, type Checked } from "./checked.ts";
import {
  type CifarBatch,
  type CifarLabel,
  checkCifarBatch,
  cifarImageShape,
  joinCifarLabels,
  writeCifarImages,
} from "./cifar-batch.ts";
import { loadClassNames, numberedClasses } from "./class-names.ts";
import { type DataFolder, type ExpectedFile, readDataFile } from "./data-folder.ts";
import { hashDataFiles } from "./data-manifest.ts";
import { countClasses } from "./count-classes.ts";
import { type CheckedDataset, type CheckedExamples, checkedPixels } from "./dataset.ts";

/** A folder of the official binary files, and which of its labels is learned. */
type CifarSource = { readonly name: string; readonly folder: DataFolder } & (
  | { readonly format: "cifar10" }
  | { readonly format: "cifar100"; readonly labels: "fine" | "coarse" }
);

/** Files of a binary version without `.bin`, and what a record starts with. */
interface CifarLayout {
  readonly trainFiles: readonly string[];
  readonly testFile: string;
  readonly labels: readonly CifarLabel[];
  /** The official archive that the files come in. */
  readonly archive: string;
}

const layouts: Readonly<Record<CifarSource["format"], CifarLayout>> = {
  cifar10: {
    trainFiles: ["data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5"],
    testFile: "test_batch",
    labels: [{ kind: "label", classCount: 10, namesFile: "batches.meta.txt" }],
    archive: "cifar-10-binary.tar.gz",
  },
  cifar100: {
    trainFiles: ["train"],
    testFile: "test",
    labels: [
      { kind: "coarse label", classCount: 20, namesFile: "coarse_label_names.txt" },
      { kind: "fine label", classCount: 100, namesFile: "fine_label_names.txt" },
    ],
    archive: "cifar-100-binary.tar.gz",
  },
};

/**
 * Opens a folder with the files of a CIFAR data set's official binary version. The official files of class names are
 * used if they are there.
 * @returns the data set, or everything that is wrong with it
 */
export async function openCifar(source: CifarSource): Promise<Checked<CheckedDataset>> {
  const layout = layouts[source.format];
  const label = learnedLabel(source);
  const open = (stem: string) => openBatch(source.folder, layout, stem);
  const [train, test, names] = await Promise.all([
    Promise.all(layout.trainFiles.map(open)),
    open(layout.testFile),
    loadClassNames(source.folder, label.namesFile, { classCount: label.classCount }),
  ]);
  return andThen(both(both(all(train), test), names), ([[train, test], classNames]) => ({
    value: describe(source, { train, test: [test], classNames: classNames ?? numberedClasses(label.classCount) }),
  }));
}

function learnedLabel(source: CifarSource): CifarLabel {
  const kind = source.format === "cifar100" ? `${source.labels} label` : "label";
  const label = layouts[source.format].labels.find((label) => label.kind === kind);
  if (label === undefined) throw new RangeError(`${source.format} has no ${kind}`);
  return label;
}

async function openBatch(folder: DataFolder, layout: CifarLayout, stem: string): Promise<Checked<CifarBatch>> {
  const fixMissing = `put the files of ${layout.archive} (the binary version) there, or correct data.dataset`;
  const expected: ExpectedFile = { role: stem, names: [`${stem}.bin`], fixMissing };
  return andThen(await readDataFile(folder, expected), (file) => checkCifarBatch(file, layout.labels));
}

function describe(
  source: CifarSource,
  parts: {
    readonly train: readonly CifarBatch[];
    readonly test: readonly CifarBatch[];
    readonly classNames: readonly string[];
  },
): CheckedDataset {
  const label = learnedLabel(source);
  const train = examplesOf(parts.train, label);
  const test = examplesOf(parts.test, label);
  const files = [...parts.train, ...parts.test].map((batch) => batch.file.description);
  const manifest = {
    name: source.name,
    format: source.format,
    sha256: hashDataFiles(files, source.format === "cifar100" ? source.labels : undefined),
    imageShape: cifarImageShape,
    classCount: label.classCount,
    classNames: parts.classNames,
    trainExamples: train.count,
    testExamples: test.count,
    classCounts: {
      train: countClasses(train.labels, label.classCount),
      test: countClasses(test.labels, label.classCount),
    },
    files,
  };
  return { manifest, train, test };
}

function examplesOf(batches: readonly CifarBatch[], label: CifarLabel): CheckedExamples {
  const labels = joinCifarLabels(batches, label);
  return checkedPixels(labels, elementCount(cifarImageShape), (images) => writeCifarImages(batches, images));
}

function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
