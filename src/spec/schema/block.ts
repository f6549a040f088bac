import { z } from "zod";
import { findBlockMistakes } from "./block-mistakes.ts";

/** Names of blocks and of their parameters. */
const word = z.string().regex(/^[A-Za-z][A-Za-z0-9_]*$/, "expected a letter followed by letters, digits or _");

const blockSchema = z.strictObject({
  params: z
    .array(word)
    .default([])
    .describe("Names of the block's parameters; `$name` as a value inside the block stands for the argument given.")
    .meta({ examples: [["filters"]] }),
  layers: z
    .array(z.unknown())
    .min(1)
    .describe("Layers of the block, as in `model.layers`; other blocks may be used.")
    .meta({ examples: [[{ conv2d: { filters: "$filters", kernelSize: 3 } }, { maxPooling2d: {} }]] }),
});

/** Groups of layers by name, with parameters. Their layers are checked where they are used. */
export const blocksSchema = z.record(z.string(), blockSchema).superRefine(
  (blocks, context) => {
    for (const { path, message, code, fix } of findBlockMistakes(blocks))
      context.addIssue({ code: "custom", path: [...path], message, params: { code, fix } });
  },
  { when: ({ value }) => typeof value === "object" && value !== null },
);
