import { createHash } from "node:crypto";
import { all, andThen, type Checked, refuse } from "./checked.ts";
import { checkImageFile } from "./check-image-file.ts";
import { countClasses } from "./count-classes.ts";
import { type DataFolder, readBytes } from "./data-folder.ts";
import { type DataFile, type DataManifest, hashDataFiles } from "./data-manifest.ts";
import type { CheckedDataset } from "./dataset.ts";
import { type CheckedImage, encodedExamples } from "./encoded-examples.ts";
import { inChunks } from "./in-chunks.ts";
import type { ImageCodec } from "./image-codec.ts";
import {
  type ImagePart,
  imageParts,
  type ListedFolder,
  listImageFolder,
  type ListedImage,
} from "./list-image-folder.ts";
import { openCodec } from "./open-codec.ts";

/** More than this fits no file of labels. */
const maxClassCount = 65_536;

/**
 * Opens a folder of PNG and JPEG files: `train/<class>/`, `test/<class>/` and perhaps `validation/<class>/`. Every file
 * is read and checked, but not decoded.
 * @returns the data set, or everything that is wrong with it: all damaged images at once
 */
export async function openImageFolder(name: string, folder: DataFolder): Promise<Checked<CheckedDataset>> {
  const listed = await listImageFolder(folder.path, folder.names);
  if ("problems" in listed) return listed;
  if (listed.value.classNames.length > maxClassCount) throw new RangeError(`more than ${maxClassCount} classes`);
  const loaded = await openCodec();
  if ("problems" in loaded) return loaded;
  const codec = loaded.value;
  const parts = await Promise.all(imageParts.map((part) => checkPart(codec, part, listed.value.images[part])));
  return andThen(all(parts), ([train = [], test = [], validation = []]) => {
    if (test.length === 0) return refuse(noTestImage(folder));
    return { value: describe(name, listed.value, { train, test, validation }) };
  });
}

async function checkPart(
  codec: ImageCodec,
  part: ImagePart,
  images: readonly ListedImage[],
): Promise<Checked<readonly CheckedImage[]>> {
  return all(await inChunks(images, (image, index) => checkImage(codec, image, `${part}-${index}`)));
}

async function checkImage(codec: ImageCodec, image: ListedImage, place: string): Promise<Checked<CheckedImage>> {
  const read = await readBytes(image.path);
  if ("problems" in read) return read;
  const bytes = read.value;
  const problem = checkImageFile(bytes);
  if (problem !== undefined) return refuse(corruptImage(image, problem));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  // The role tells the image's place and class, but not what files and classes are called.
  const description: DataFile = {
    role: `${place}-class-${image.label}`,
    name: image.name,
    bytes: bytes.length,
    sha256,
  };
  try {
    return { value: { image, description, facts: await codec.describe(bytes) } };
  } catch (error) {
    return refuse(corruptImage(image, error instanceof Error ? error.message : String(error)));
  }
}

function corruptImage({ path }: ListedImage, message: string) {
  return { code: "corrupt-image", file: path, message, fix: "put the whole image there, or remove it" } as const;
}

function noTestImage(folder: DataFolder) {
  const fix = "put images of each class into test/<class>/";
  return { code: "empty", file: `${folder.path}/test`, message: "there is no test image", fix } as const;
}

function describe(
  name: string,
  { classNames }: ListedFolder,
  parts: Readonly<Record<ImagePart, readonly CheckedImage[]>>,
): CheckedDataset {
  const images = imageParts.flatMap((part) => parts[part]);
  const files = images.map(({ description }) => description);
  const countOf = (part: ImagePart) =>
    countClasses(
      parts[part].map(({ image }) => image.label),
      classNames.length,
    );
  const manifest: DataManifest = {
    name,
    format: "images",
    sha256: hashDataFiles(files),
    ...describeSizes(images),
    classCount: classNames.length,
    classNames,
    trainExamples: parts.train.length,
    testExamples: parts.test.length,
    classCounts: { train: countOf("train"), test: countOf("test") },
    storedBytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    ...(parts.validation.length > 0 && { validationExamples: parts.validation.length }),
    files,
  };
  return {
    manifest,
    train: encodedExamples(parts.train),
    test: encodedExamples(parts.test),
    ...(parts.validation.length > 0 && { validation: encodedExamples(parts.validation) }),
  };
}

/** Grey only if all images are: then none loses its colour. */
function describeSizes(images: readonly CheckedImage[]): Pick<DataManifest, "imageShape" | "mixedSizes"> {
  const height = images.reduce((least, { facts }) => Math.min(least, facts.height), Infinity);
  const width = images.reduce((least, { facts }) => Math.min(least, facts.width), Infinity);
  const imageShape = [height, width, images.every(({ facts }) => facts.isGrey) ? 1 : 3] as const;
  const firstOfSize = new Map<string, string>();
  for (const { facts, image } of images) {
    const size = `${facts.height}×${facts.width}`;
    if (!firstOfSize.has(size)) firstOfSize.set(size, `${image.name} is ${size}`);
  }
  if (firstOfSize.size === 1) return { imageShape };
  return { imageShape, mixedSizes: [...firstOfSize.values()].slice(0, 3) };
}
