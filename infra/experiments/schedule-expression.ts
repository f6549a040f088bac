import { parseCron } from "../../src/spec/cron.ts";

/**
 * The same times in EventBridge Scheduler's way: six fields, exactly one of the days `?`, Sunday = 1.
 * @param cron five fields, as an experiment's `schedule.cron` has them
 * @throws RangeError if it is none; `loadExperiment` has refused that before
 */
export function scheduleExpression(cron: string): string {
  const times = parseCron(cron);
  if ("problem" in times) throw new RangeError(`${cron}: ${times.problem}`);
  const { minutes, hours, daysOfMonth, daysOfWeek } = times;
  const months = times.months.length === 12 ? "*" : times.months.join(",");
  const dayOfMonth = daysOfMonth?.join(",") ?? (daysOfWeek === undefined ? "*" : "?");
  const dayOfWeek = daysOfWeek?.map((day) => day + 1).join(",") ?? "?";
  return `cron(${minutes.join(",")} ${hours.join(",")} ${dayOfMonth} ${months} ${dayOfWeek} *)`;
}
