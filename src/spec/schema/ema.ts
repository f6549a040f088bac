import { z } from "zod";

/** `training.ema`. */
export const emaSchema = z.strictObject({
  decay: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.99)
    .describe("Share of the old average that stays at each step (Keras' ema_momentum), 0 < decay < 1.")
    .meta({ examples: [0.999] }),
});

/** A checked `ema:` map. */
export type Ema = z.infer<typeof emaSchema>;
