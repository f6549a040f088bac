/** When a cron expression fires, each field written out. */
export interface CronTimes {
  /** 0…59, ascending. */
  readonly minutes: readonly number[];
  /** 0…23, ascending. */
  readonly hours: readonly number[];
  /** 1…31, ascending; undefined = any. */
  readonly daysOfMonth: readonly number[] | undefined;
  /** 1…12, ascending. */
  readonly months: readonly number[];
  /** 0 (Sunday) … 6, ascending; undefined = any. */
  readonly daysOfWeek: readonly number[] | undefined;
}

/** Why a text is no cron expression that can be used, and how to mend it. */
export interface CronProblem {
  readonly problem: string;
  readonly fix: string;
}

interface CronField {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly names?: readonly string[];
}

const fields: readonly CronField[] = [
  { name: "minute", low: 0, high: 59 },
  { name: "hour", low: 0, high: 23 },
  { name: "day of the month", low: 1, high: 31 },
  {
    name: "month",
    low: 1,
    high: 12,
    names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
  },
  // Both 0 and 7 are Sunday.
  { name: "day of the week", low: 0, high: 7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];

const example = "write minute, hour, day of the month, month and day of the week, e.g. `0 2 * * *` for 2 o'clock";

/**
 * Reads a cron expression of five fields (numbers, names of months and days, lists, ranges and steps).
 * A day of the month and a day of the week together are refused: programs disagree whether both or either must fit.
 */
export function parseCron(text: string): CronTimes | CronProblem {
  const parts = text.trim().toLowerCase().split(/\s+/);
  if (parts.length !== fields.length) return { problem: `${parts.length} fields instead of 5`, fix: example };
  const values = fields.map((field, index) => parseField(parts[index] ?? "", field));
  const wrong = values.find((value) => "problem" in value);
  if (wrong !== undefined && "problem" in wrong) return wrong;
  const [minutes = [], hours = [], days = [], months = [], weekdays = []] = values.map((value) =>
    "problem" in value ? [] : value,
  );
  const daysOfMonth = parts[2] === "*" ? undefined : days;
  const daysOfWeek = parts[4] === "*" ? undefined : unique(weekdays.map((day) => day % 7));
  if (daysOfMonth !== undefined && daysOfWeek !== undefined)
    return {
      problem: "a day of the month and a day of the week: it is not clear whether both must fit or either",
      fix: "write `*` for one of the two",
    };
  const times = { minutes, hours, daysOfMonth, months, daysOfWeek };
  return neverFires(times) ? { problem: "no month has such a day: it would never fire", fix: example } : times;
}

/**
 * The calendar dates on which a schedule fires, in its own time zone.
 * @param from first date, `YYYY-MM-DD`
 * @param to last date, included
 */
export function scheduledDates(times: CronTimes, from: string, to: string): string[] {
  const dates: string[] = [];
  const last = Date.parse(`${to}T00:00:00Z`);
  for (let time = Date.parse(`${from}T00:00:00Z`); time <= last; time += 86_400_000) {
    const day = new Date(time);
    if (fitsDay(times, day)) dates.push(day.toISOString().slice(0, 10));
  }
  return dates;
}

/** The calendar date `YYYY-MM-DD` of a moment. @param timezone name of the IANA data base, e.g. `Europe/Berlin` */
export function dateIn(timezone: string, moment: Date): string {
  const format = new Intl.DateTimeFormat("en", {
    timeZone: timezone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  const parts = new Map(format.formatToParts(moment).map(({ type, value }) => [type, value]));
  return `${parts.get("year")}-${parts.get("month")}-${parts.get("day")}`;
}

function fitsDay({ daysOfMonth, months, daysOfWeek }: CronTimes, day: Date): boolean {
  return (
    months.includes(day.getUTCMonth() + 1) &&
    (daysOfMonth?.includes(day.getUTCDate()) ?? true) &&
    (daysOfWeek?.includes(day.getUTCDay()) ?? true)
  );
}

function neverFires({ daysOfMonth, months }: CronTimes): boolean {
  const longest = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return daysOfMonth?.every((day) => months.every((month) => day > (longest[month - 1] ?? 0))) ?? false;
}

function parseField(text: string, field: CronField): readonly number[] | CronProblem {
  const values: number[] = [];
  for (const part of text.split(",")) {
    const range = parseRange(part, field);
    if (range === undefined) {
      const allowed = `${field.low}…${field.high}`;
      return {
        problem: `"${part}" is no ${field.name}`,
        fix: `write a number ${allowed}${field.names === undefined ? "" : " or a name such as " + field.names[0]}, a range a-b, a step */n, or a list of them`,
      };
    }
    values.push(...range);
  }
  return unique(values);
}

/** The values of `*`, `a`, `a-b`, `*\/n`, `a-b/n`; undefined if it is none of them. */
function parseRange(part: string, { low, high, names = [] }: CronField): readonly number[] | undefined {
  const match = /^(?:(\*)|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(part);
  if (match === null) return undefined;
  const [, any, first, last, stepText] = match;
  const valueOf = (text: string): number => {
    const named = names.indexOf(text);
    if (named >= 0) return named + (low === 1 ? 1 : 0);
    return /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  };
  const start = any === undefined ? valueOf(first ?? "") : low;
  const end = any === undefined ? valueOf(last ?? first ?? "") : high;
  const step = Number(stepText ?? 1);
  // A step without a range would mean something else in every program.
  if (stepText !== undefined && any === undefined && last === undefined) return undefined;
  if (!(start >= low && start <= end && end <= high && step >= 1)) return undefined;
  return Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, index) => start + index * step);
}

function unique(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}
