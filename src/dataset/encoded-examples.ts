import { createHash } from "node:crypto";
import { type Checked, refuse } from "./checked.ts";
import { readBytes } from "./data-folder.ts";
import type { DataFile } from "./data-manifest.ts";
import type { CheckedExamples, Examples } from "./dataset.ts";
import type { ImageFacts } from "./image-codec.ts";
import type { ListedImage } from "./list-image-folder.ts";

/** An image file that has been checked; its bytes are not kept. */
export interface CheckedImage {
  readonly image: ListedImage;
  readonly description: DataFile;
  readonly facts: ImageFacts;
}

/** Examples that are read again, as they are stored, when they are laid out. */
export function encodedExamples(images: readonly CheckedImage[]): CheckedExamples {
  const labels = Uint16Array.from(images, ({ image }) => image.label);
  return { labels, count: images.length, layOut: () => loadEncoded(images, labels) };
}

async function loadEncoded(images: readonly CheckedImage[], labels: Uint16Array): Promise<Checked<Examples>> {
  const offsets = new Float64Array(images.length + 1);
  for (const [index, { description }] of images.entries())
    offsets[index + 1] = (offsets[index] ?? 0) + description.bytes;
  const encoded = new Uint8Array(new SharedArrayBuffer(offsets.at(-1) ?? 0));
  for (const [index, image] of images.entries()) {
    const read = await readUnchanged(image);
    if ("problems" in read) return read;
    encoded.set(read.value, offsets[index]);
  }
  const names = images.map(({ image }) => image.name);
  return { value: { encoded, offsets, names, labels, count: images.length } };
}

async function readUnchanged({ image, description }: CheckedImage): Promise<Checked<Uint8Array>> {
  const read = await readBytes(image.path);
  if ("problems" in read) return read;
  const sha256 = createHash("sha256").update(read.value).digest("hex");
  if (sha256 === description.sha256) return read;
  const message = "the file has changed since it was checked a moment ago";
  return refuse({ code: "changed", file: image.path, message, fix: "wait until nothing writes to the folder" });
}
