import type { z } from "zod";
import { priceFileSchema, type PriceFile } from "./price-file.ts";
import { speedFileSchema, type SpeedFile } from "./speed-file.ts";

/** A file's content, or everything that is wrong with it, a line each. */
export type CheckedFile<Content> = { readonly content: Content } | { readonly problems: readonly string[] };

/** Checks the content of a speed file. @param value plain JSON */
export function checkSpeedFile(value: unknown): CheckedFile<SpeedFile> {
  return check(speedFileSchema, value);
}

/** Checks the content of a price file. @param value plain JSON */
export function checkPriceFile(value: unknown): CheckedFile<PriceFile> {
  return check(priceFileSchema, value);
}

function check<Content>(schema: z.ZodType<Content>, value: unknown): CheckedFile<Content> {
  const result = schema.safeParse(value);
  if (result.success) return { content: result.data };
  return { problems: result.error.issues.map(({ path, message }) => `${path.join(".") || "the file"}: ${message}`) };
}
