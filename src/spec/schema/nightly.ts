import { z } from "zod";
import { parseCron } from "../cron.ts";
import { nearestName } from "../nearest-name.ts";

const cronSchema = z.string().check(({ value, issues }) => {
  const times = parseCron(value);
  if (!("problem" in times)) return;
  const message = `got "${value}", expected a cron expression of five fields: ${times.problem}`;
  issues.push({ code: "custom", input: value, message, params: { code: "wrong-value", fix: times.fix } });
});

const timezoneSchema = z.string().check(({ value, issues }) => {
  if (isTimezone(value)) return;
  const nearest = nearestName(value, Intl.supportedValuesOf("timeZone"));
  const fix = nearest === undefined ? "write a name such as `Europe/Berlin`, or `UTC`" : `did you mean \`${nearest}\`?`;
  const message = `got "${value}", expected a time zone of the IANA data base`;
  issues.push({ code: "custom", input: value, message, params: { code: "wrong-value", fix } });
});

/** Offsets such as `+01:00` are no time zones: they have no summer time, and other programs don't take them. */
function isTimezone(name: string): boolean {
  if (!/^[A-Z][A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** `schedule:` when the experiment is run by itself, once it is deployed. */
export const scheduleSectionSchema = z.strictObject({
  cron: cronSchema
    .describe("When it starts: minute, hour, day of the month, month, day of the week.")
    .meta({ examples: ["0 2 * * *"] }),
  timezone: timezoneSchema
    .default("UTC")
    .describe("The time zone that `cron` and the dates of nights are in.")
    .meta({ examples: ["Europe/Berlin"] }),
});

/** A checked `schedule:` section. */
export type ScheduleSection = z.infer<typeof scheduleSectionSchema>;

/** Figures that nights can be judged by; the names are those of a comparison. */
export const benchmarkMetrics = [
  "testAccuracy",
  "testLoss",
  "testMacroF1",
  "testWeightedF1",
  "testCohensKappa",
  "testLogLoss",
  "testBrierScore",
  "testCalibrationError",
  "validationAccuracy",
  "validationLoss",
  "trainAccuracy",
  "trainLoss",
] as const;

/** `benchmark:` how the nights of an experiment are judged. */
export const benchmarkSchema = z.strictObject({
  metric: z
    .enum(benchmarkMetrics)
    .default("testAccuracy")
    .describe("Figure that is watched; its mean over the seeds is a night's figure."),
  minimumEffect: z
    .number()
    .gt(0)
    .default(0.005)
    .describe("Smallest change that counts, in the metric's own unit: 0.01 is one point of accuracy."),
  level: z
    .number()
    .gt(0)
    .max(0.2)
    .default(0.05)
    .describe(
      "How improbable so bad a night must be if nothing has changed, for it to be suspect; the confirming run must be as improbable again.",
    ),
  minimumNights: z
    .int()
    .min(3)
    .max(100)
    .default(5)
    .describe("Nights before the first that is judged.")
    .meta({ examples: [10] }),
  confirm: z
    .boolean()
    .default(true)
    .describe("Whether a suspect night is run once more before there is an alarm; without it, the next night decides."),
});

/** A checked `benchmark:` section. */
export type Benchmark = z.infer<typeof benchmarkSchema>;
