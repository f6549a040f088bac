import { z } from "zod";

const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
const part = "\\d+(?:\\.\\d+)?[smhd]";

/** A time span for people: `45s`, `90m`, `2h`, `1h30m`, `1d`. */
export const durationSchema = z
  .string()
  .regex(new RegExp(`^(?=.*[1-9])(?:${part})+$`), "expected a time span above 0 in s, m, h or d, e.g. 90m or 1h30m");

/** The seconds of a time span that `durationSchema` lets through. */
export function durationSeconds(duration: string): number {
  const parts = duration.match(new RegExp(part, "g")) ?? [];
  return parts.reduce((sum, text) => sum + Number(text.slice(0, -1)) * (secondsOf[text.slice(-1)] ?? 0), 0);
}
