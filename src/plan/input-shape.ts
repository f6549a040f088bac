import type { DocumentPath, ExperimentIssue } from "../spec/issue.ts";
import type { Data } from "../spec/schema/data.ts";
import type { AugmentStep, PreprocessStep } from "../spec/schema/preparation.ts";
import { padToFrame } from "./padded-size.ts";
import type { PlannedDataset } from "./plan.ts";
import { formatShape, type ImageShape } from "./shape.ts";

interface InferredInput {
  readonly shape: ImageShape;
  readonly issues: readonly ExperimentIssue[];
}

/** What the network sees of one image once it is prepared, and which steps don't fit the images. */
export function inferInputShape({ preprocess = [], augment = [] }: Data, dataset: PlannedDataset): InferredInput {
  const issues: ExperimentIssue[] = checkSizes(preprocess, dataset);
  let shape = dataset.imageShape;
  let isOneSize = dataset.mixedSizes === undefined;
  for (const [index, step] of preprocess.entries()) {
    issues.push(...checkStep(step, shape, { isOneSize, path: ["data", "preprocess", index] }));
    shape = shapeAfter(step, shape);
    isOneSize ||= fixesSize(step);
  }
  for (const [index, step] of augment.entries()) issues.push(...checkAugment(step, shape, index));
  return { shape, issues };
}

function fixesSize(step: PreprocessStep): boolean {
  return !("repeatChannels" in step);
}

function checkSizes(preprocess: readonly PreprocessStep[], { name, mixedSizes }: PlannedDataset): ExperimentIssue[] {
  if (mixedSizes === undefined || preprocess.some(fixesSize)) return [];
  return [
    {
      code: "mixed-image-sizes",
      path: ["data", "preprocess"],
      message: `the images of "${name}" are not of one size: ${mixedSizes.join(", ")}`,
      fix: "add a step, e.g. `preprocess: [{ resizeWithPad: { height: 64, width: 64 } }]`",
    },
  ];
}

function shapeAfter(step: PreprocessStep, [height, width, channels]: ImageShape): ImageShape {
  if ("repeatChannels" in step) return [height, width, step.repeatChannels];
  const size = sizeOf(step);
  return [size.height, size.width, channels];
}

function sizeOf(step: Exclude<PreprocessStep, { repeatChannels: unknown }>) {
  if ("resize" in step) return step.resize;
  return "centerCrop" in step ? step.centerCrop : step.resizeWithPad;
}

function checkStep(
  step: PreprocessStep,
  shape: ImageShape,
  { isOneSize, path }: { readonly isOneSize: boolean; readonly path: DocumentPath },
): readonly ExperimentIssue[] {
  if ("centerCrop" in step) return checkCrop(step.centerCrop, shape, { isOneSize, path: [...path, "centerCrop"] });
  if ("resizeWithPad" in step && isOneSize) return checkPad(step.resizeWithPad, shape, [...path, "resizeWithPad"]);
  if (!("repeatChannels" in step) || shape[2] === 1) return [];
  return [
    {
      code: "not-grey",
      path: [...path, "repeatChannels"],
      message: `only grey images (1 channel) can have their channel repeated, these are ${formatShape(shape)}`,
      fix: "remove this step",
    },
  ];
}

function checkCrop(
  size: { readonly height: number; readonly width: number },
  shape: ImageShape,
  { isOneSize, path }: { readonly isOneSize: boolean; readonly path: DocumentPath },
): readonly ExperimentIssue[] {
  const images = isOneSize ? `the images are ${formatShape(shape)}` : `the smallest images are ${formatShape(shape)}`;
  return (["height", "width"] as const).flatMap((side, axis) => {
    const available = shape[axis === 0 ? 0 : 1];
    if (size[side] <= available) return [];
    const message = `got ${size[side]}, but ${images} at this step`;
    const fix = `use at most ${available}, or put a \`resize\` before it`;
    return [{ code: "crop-too-large", path: [...path, side], message, fix }];
  });
}

function checkPad(
  { height, width }: { readonly height: number; readonly width: number },
  shape: ImageShape,
  path: DocumentPath,
): readonly ExperimentIssue[] {
  const { inner } = padToFrame([shape[0], shape[1]], [height, width]);
  if (inner[0] >= 1 && inner[1] >= 1) return [];
  const message = `images of ${formatShape(shape)} would be squeezed to ${formatShape(inner)} to fit into ${height}×${width}`;
  return [{ code: "resize-to-nothing", path, message, fix: "use a larger height and width, or `resize`" }];
}

function checkAugment(step: AugmentStep, shape: ImageShape, index: number): readonly ExperimentIssue[] {
  const smallest = Math.min(shape[0], shape[1]);
  const path = ["data", "augment", index];
  if ("shiftCrop" in step && step.shiftCrop.padding >= smallest)
    return [tooLarge([...path, "shiftCrop", "padding"], step.shiftCrop.padding, shape, smallest - 1)];
  if ("cutout" in step && step.cutout.size > smallest)
    return [tooLarge([...path, "cutout", "size"], step.cutout.size, shape, smallest)];
  return [];
}

function tooLarge(path: DocumentPath, given: number, shape: ImageShape, most: number): ExperimentIssue {
  const message = `got ${given}, but the images are ${formatShape(shape)}: some would be all black`;
  const fix = most >= 1 ? `use at most ${most}` : "remove this step: the images are too small for it";
  return { code: "augmentation-too-large", path, message, fix };
}
