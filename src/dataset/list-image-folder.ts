import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { all, andThen, type Checked, refuse } from "./checked.ts";
import type { DatasetProblem } from "./dataset-problem.ts";
import { inChunks } from "./in-chunks.ts";

/** The parts of an image folder: its subfolders. */
export const imageParts = ["train", "test", "validation"] as const;

/** A part of an image folder. */
export type ImagePart = (typeof imageParts)[number];

/** An image of a class, before it is read. */
export interface ListedImage {
  /** Path inside the data set's folder, with `/`. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** Class index. */
  readonly label: number;
}

/** What an image folder holds, before it is read. */
export interface ListedFolder {
  /** Names of the subfolders of `train`, sorted. */
  readonly classNames: readonly string[];
  /** Sorted by class, then by name. */
  readonly images: Readonly<Record<ImagePart, readonly ListedImage[]>>;
}

const layout = "train/<class>/*.png|jpg and test/<class>/*.png|jpg";
const isImageName = (name: string): boolean => /\.(png|jpe?g)$/i.test(name);
/** What file managers leave behind. */
const isIgnored = (name: string): boolean => name.startsWith(".") || /^(Thumbs\.db|desktop\.ini)$/i.test(name);

/**
 * Lists the images of a folder with the subfolders `train`, `test` and perhaps `validation`, each with one subfolder
 * per class.
 * @param root absolute path
 * @param names what the folder holds
 */
export async function listImageFolder(root: string, names: readonly string[]): Promise<Checked<ListedFolder>> {
  const missing = (["train", "test"] as const).filter((part) => !names.includes(part));
  if (missing.length > 0) return { problems: missing.map((part) => missingPart(root, part)) };
  const listed = await Promise.all(
    imageParts.map((part) => (names.includes(part) ? listPart(root, part) : Promise.resolve({ value: [] }))),
  );
  return andThen(all(listed), ([train = [], test = [], validation = []]): Checked<ListedFolder> => {
    const classNames = train.map(({ name }) => name);
    const problems = [...checkClasses(root, train), ...strayClasses(root, classNames, { test, validation })];
    if (problems.length > 0) return { problems };
    const label = (classes: readonly ListedClass[]) => classes.flatMap((found) => labelImages(found, classNames));
    return {
      value: { classNames, images: { train: label(train), test: label(test), validation: label(validation) } },
    };
  });
}

/** A subfolder of a part. */
interface ListedClass {
  readonly name: string;
  readonly images: readonly Omit<ListedImage, "label">[];
}

function labelImages({ name, images }: ListedClass, classNames: readonly string[]): readonly ListedImage[] {
  const label = classNames.indexOf(name);
  return images.map((image) => ({ ...image, label }));
}

async function listPart(root: string, part: ImagePart): Promise<Checked<readonly ListedClass[]>> {
  const entries = await readEntries(join(root, part));
  if ("problems" in entries) return entries;
  const strays = entries.value.filter((entry) => !entry.isDirectory());
  const classes = await inChunks(
    entries.value.filter((entry) => entry.isDirectory()),
    (entry) => listClass(root, `${part}/${entry.name}`, entry.name),
  );
  return all([...strays.map((entry) => refuse(strayFile(join(root, part, entry.name)))), ...classes]);
}

async function listClass(root: string, folder: string, name: string): Promise<Checked<ListedClass>> {
  const entries = await readEntries(join(root, folder));
  if ("problems" in entries) return entries;
  const strays = entries.value.filter((entry) => entry.isDirectory() || !isImageName(entry.name));
  if (strays.length > 0) return { problems: strays.map((entry) => strayFile(join(root, folder, entry.name))) };
  const images = entries.value.map((entry) => ({
    name: `${folder}/${entry.name}`,
    path: join(root, folder, entry.name),
  }));
  return { value: { name, images } };
}

/** Sorted by the code units of their names: the same order on every machine. */
async function readEntries(path: string): Promise<Checked<readonly Dirent[]>> {
  try {
    const entries = (await readdir(path, { withFileTypes: true })).filter(({ name }) => !isIgnored(name));
    return { value: entries.sort((a, b) => (a.name < b.name ? -1 : 1)) };
  } catch (error) {
    const message = `it can't be read (${error instanceof Error ? error.message : String(error)})`;
    return refuse({ code: "unreadable", file: path, message, fix: `make it a folder: ${layout}` });
  }
}

function checkClasses(root: string, train: readonly ListedClass[]): readonly DatasetProblem[] {
  const empty = train.filter(({ images }) => images.length === 0);
  const problems = empty.map(
    ({ name }): DatasetProblem => ({
      code: "empty",
      file: join(root, "train", name),
      message: "the class has no training image",
      fix: "put PNG or JPEG files there, or remove the folder",
    }),
  );
  if (train.length >= 2) return problems;
  const message = `it holds ${train.length === 1 ? "one class" : "no class"}, expected at least two subfolders`;
  return [...problems, { code: "empty", file: join(root, "train"), message, fix: `arrange the images as ${layout}` }];
}

function strayClasses(
  root: string,
  classNames: readonly string[],
  parts: Readonly<Record<string, readonly ListedClass[]>>,
): readonly DatasetProblem[] {
  return Object.entries(parts).flatMap(([part, classes]) =>
    classes
      .filter(({ name }) => !classNames.includes(name))
      .map(
        ({ name }): DatasetProblem => ({
          code: "unknown-class",
          file: join(root, part, name),
          message: `there is no class "${name}" in train`,
          fix: `give it the name of a training class, or add train/${name}`,
        }),
      ),
  );
}

function missingPart(root: string, part: string): DatasetProblem {
  const message = `there is no folder "${part}"`;
  return { code: "missing-file", file: join(root, part), message, fix: `arrange the images as ${layout}` };
}

function strayFile(file: string): DatasetProblem {
  const message = "this is neither a class' folder nor a PNG or JPEG file";
  return { code: "unexpected-file", file, message, fix: `arrange the images as ${layout}, and remove what is none` };
}
