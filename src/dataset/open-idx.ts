import { andThen, both, type Checked, refuse } from "./checked.ts";
import { loadClassNames, numberedClasses } from "./class-names.ts";
import { type DataFolder, type ExpectedFile, type FileContent, readDataFile } from "./data-folder.ts";
import { hashDataFiles } from "./data-manifest.ts";
import { countClasses } from "./count-classes.ts";
import { type CheckedDataset, type CheckedExamples, checkedPixels } from "./dataset.ts";
import type { DatasetProblem } from "./dataset-problem.ts";
import { checkLabelRange } from "./label-range.ts";
import { type IdxArray, parseIdx } from "./parse-idx.ts";

/** Four idx files in one folder. */
interface IdxSource {
  /** What the data set is called. */
  readonly name: string;
  readonly folder: DataFolder;
  /** What to do about files that are missing or not the published ones. */
  readonly fixFiles: string;
  /** SHA-256, hex, of the uncompressed files by role, where only the published files will do. */
  readonly published?: Readonly<Record<string, string>>;
  /** The classes' names where they are known; `classes.txt` goes before them. */
  readonly classNames?: readonly string[];
}

/** The training or the test part: images and labels of the same number. */
interface IdxPart {
  readonly imageFile: FileContent;
  readonly labelFile: FileContent;
  readonly images: IdxArray;
  readonly labels: Uint8Array;
}

const prefixes = { train: "train", test: "t10k" } as const;
const suffixes = { images: "idx3-ubyte", labels: "idx1-ubyte" } as const;

/**
 * Opens a folder with the four files of MNIST's format (or of the same format with four-dimensional colour images).
 * `classes.txt`, if there, names the classes; without it the highest label says how many there are.
 * @returns the data set, or everything that is wrong with it
 */
export async function openIdx(source: IdxSource): Promise<Checked<CheckedDataset>> {
  const [train, test, names] = await Promise.all([
    openPart(source, "train"),
    openPart(source, "test"),
    loadClassNames(source.folder, "classes.txt"),
  ]);
  return andThen(both(both(train, test), names), ([parts, classNames]) =>
    describe(source, parts, classNames ?? source.classNames),
  );
}

async function openPart(source: IdxSource, part: keyof typeof prefixes): Promise<Checked<IdxPart>> {
  const [images, labels] = await Promise.all([openFile(source, part, "images"), openFile(source, part, "labels")]);
  return andThen(both(images, labels), ([images, labels]) =>
    checkCounts({ imageFile: images.file, labelFile: labels.file, images: images.array, labels: labels.array.values }),
  );
}

async function openFile(
  source: IdxSource,
  part: keyof typeof prefixes,
  purpose: keyof typeof suffixes,
): Promise<Checked<{ readonly file: FileContent; readonly array: IdxArray }>> {
  const stem = `${prefixes[part]}-${purpose}`;
  const expected: ExpectedFile = {
    role: `${part}-${purpose}`,
    names: [`${stem}-${suffixes[purpose]}`, `${stem}.${suffixes[purpose]}`],
    fixMissing: source.fixFiles,
  };
  const read = andThen(await readDataFile(source.folder, expected), (file) => checkPublished(source, file));
  return andThen(read, (file) => andThen(parseIdx(file, purpose), (array) => ({ value: { file, array } })));
}

function checkPublished(source: IdxSource, file: FileContent): Checked<FileContent> {
  const { role, sha256 } = file.description;
  const expected = source.published?.[role];
  if (expected === undefined || sha256 === expected) return { value: file };
  const message = `this is not the published file: expected SHA-256 ${expected}, got ${sha256}`;
  return refuse({ code: "wrong-hash", file: file.path, message, fix: source.fixFiles });
}

function checkCounts(part: IdxPart): Checked<IdxPart> {
  const imageCount = part.images.dimensions[0];
  if (imageCount === part.labels.length) return { value: part };
  const message = `it holds ${part.labels.length} labels for the ${imageCount} images of ${part.imageFile.description.name}`;
  const fix = "put the image and the label file there that belong together";
  return refuse({ code: "count-mismatch", file: part.labelFile.path, message, fix });
}

function describe(
  source: IdxSource,
  parts: readonly [train: IdxPart, test: IdxPart],
  names: readonly string[] | undefined,
): Checked<CheckedDataset> {
  const [train, test] = parts;
  const classCount = names?.length ?? 1 + Math.max(highestLabel(train), highestLabel(test));
  const problems = [...checkShapes(train, test), ...parts.flatMap((part) => checkLabels(part, classCount))];
  if (problems.length > 0) return { problems };

  const files = parts.flatMap((part) => [part.imageFile.description, part.labelFile.description]);
  const manifest = {
    name: source.name,
    format: "idx" as const,
    sha256: hashDataFiles(files),
    imageShape: imageShape(train),
    classCount,
    classNames: names ?? numberedClasses(classCount),
    trainExamples: train.labels.length,
    testExamples: test.labels.length,
    classCounts: { train: countClasses(train.labels, classCount), test: countClasses(test.labels, classCount) },
    files,
  };
  return { value: { manifest, train: examplesOf(train), test: examplesOf(test) } };
}

function highestLabel(part: IdxPart): number {
  return part.labels.reduce((highest, label) => Math.max(highest, label), 0);
}

function imageShape(part: IdxPart): readonly [height: number, width: number, channels: number] {
  const [, height = 0, width = 0, channels = 1] = part.images.dimensions;
  return [height, width, channels];
}

function checkShapes(train: IdxPart, test: IdxPart): readonly DatasetProblem[] {
  const [trainShape, testShape] = [imageShape(train).join("×"), imageShape(test).join("×")];
  if (trainShape === testShape) return [];
  const message = `its images are ${testShape}, those of ${train.imageFile.description.name} are ${trainShape}`;
  const fix = "put training and test images of one size into the folder";
  return [{ code: "shape-mismatch", file: test.imageFile.path, message, fix }];
}

function checkLabels(part: IdxPart, classCount: number): readonly DatasetProblem[] {
  const fix = "add the missing names to classes.txt, or correct the labels";
  return checkLabelRange({ path: part.labelFile.path, labels: part.labels, kind: "label", classCount, fix });
}

function examplesOf(part: IdxPart): CheckedExamples {
  const { values } = part.images;
  return checkedPixels(part.labels, values.length / part.labels.length, (images) => images.set(values));
}
