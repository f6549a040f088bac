import { z } from "zod";

const price = z.number().gt(0);

const instanceSchema = z.strictObject({
  type: z.string().describe("Instance type."),
  device: z.string().describe("Its GPU, as the speed file names it."),
  gpuMemoryGibibytes: z.number().gt(0),
  memoryGibibytes: z.number().gt(0),
  onDemandPerHour: price,
  spotPerHour: z.tuple([price, price]).describe("The lowest and the highest to be expected."),
});

/** An instance type with its prices. */
export type InstancePrice = z.infer<typeof instanceSchema>;

/** A file of instance prices. */
export const priceFileSchema = z.strictObject({
  schemaVersion: z.literal(1),
  currency: z.string(),
  region: z.string(),
  dated: z.iso.date(),
  source: z.string().min(1).describe("Where the prices come from."),
  isVerified: z.boolean().describe("Whether somebody has held the prices against the provider's own list."),
  bootMinutes: z.number().min(0).describe("Paid time before an instance begins with its first trial."),
  instancesAtOnce: z.int().min(1).describe("At most so many instances are started for one run."),
  instances: z.array(instanceSchema),
});

/** A checked price file. */
export type PriceFile = z.infer<typeof priceFileSchema>;
