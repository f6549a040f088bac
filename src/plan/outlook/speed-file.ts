import { z } from "zod";

const positive = z.number().gt(0);
const notNegative = z.number().min(0);

const speedSchema = z.strictObject({
  engine: z.string().describe("Engine that computes."),
  device: z.string().describe("What it computes on; price files name GPUs by it."),
  isMeasured: z.boolean().describe("Whether the figures were measured, or worked out from a data sheet."),
  dated: z.iso.date(),
  source: z.string().min(1).describe("Where the figures come from."),
  secondsPerStart: notNegative.describe("Time from the start of a worker to its first step."),
  secondsPerStep: notNegative.describe("What every step costs, however small."),
  secondsPerGigaMultiplyAdds: positive.describe("Of convolutions and matrix products, forward and backward."),
  secondsPerMillionOutputs: notNegative.describe("Of layer outputs of a training step, twice behind an activation."),
  secondsPerMillionWeights: notNegative.describe("Of weights, gradients and optimizer slots that a step touches."),
  range: z
    .tuple([positive.max(1), positive.min(1)])
    .describe("The shortest and the longest time to be expected, as multiples of the likely one."),
});

/** How fast an engine is on a device. */
export type Speed = z.infer<typeof speedSchema>;

/** A file of speeds; the first of an engine is the one that counts here. */
export const speedFileSchema = z.strictObject({
  schemaVersion: z.literal(1),
  speeds: z.array(speedSchema).min(1),
});

/** A checked speed file. */
export type SpeedFile = z.infer<typeof speedFileSchema>;
