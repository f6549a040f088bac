import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dateIn, parseCron, scheduledDates, type CronTimes } from "../../src/spec/cron.ts";
import { parseExperiment } from "../../src/spec/parse-experiment.ts";

const experiment = `name: small
data: {dataset: mnist}
model: {layers: [flatten, {dense: {units: 10, activation: softmax}}]}
training: {epochs: 1}
`;

function timesOf(text: string): CronTimes {
  const times = parseCron(text);
  if ("problem" in times) throw new Error(times.problem);
  return times;
}

function issuesOf(yaml: string) {
  const parsed = parseExperiment(`${experiment}${yaml}\n`, "small.yaml");
  return "issues" in parsed ? parsed.issues.map(({ position, message, fix }) => [position?.line, message, fix]) : [];
}

describe("a cron expression", () => {
  test("has its fields written out", () => {
    expect(timesOf("*/20 2,4 1-3 jan-mar/2 *")).toEqual({
      minutes: [0, 20, 40],
      hours: [2, 4],
      daysOfMonth: [1, 2, 3],
      months: [1, 3],
      daysOfWeek: undefined,
    });
  });

  test("calls Sunday 0, 7 or SUN", () => {
    for (const day of ["0", "7", "SUN"]) expect(timesOf(`0 2 * * ${day}`).daysOfWeek).toEqual([0]);
    expect(timesOf("0 2 * * mon-fri").daysOfWeek).toEqual([1, 2, 3, 4, 5]);
  });

  test.each([
    ["0 2 * *", /4 fields instead of 5/],
    ["60 2 * * *", /"60" is no minute/],
    ["0 24 * * *", /"24" is no hour/],
    ["0 2 0 * *", /"0" is no day of the month/],
    ["0 2 * 13 *", /"13" is no month/],
    ["0 2 * foo *", /"foo" is no month/],
    ["0 2 * * 8", /"8" is no day of the week/],
    ["5-2 2 * * *", /"5-2" is no minute/],
    ["*/0 2 * * *", /"\*\/0" is no minute/],
    ["5/15 2 * * *", /"5\/15" is no minute/],
    ["0 2 1 * mon", /both must fit or either/],
    ["0 2 30 2 *", /never fire/],
  ])("%j is refused", (text, problem) => {
    expect(parseCron(text)).toMatchObject({ problem: expect.stringMatching(problem) });
  });

  test("any text is read or refused, and what is read stays within its ranges", () => {
    const part = fc.constantFrom("*", "0", "7", "31", "1-5", "*/7", "2-9/3", "mon", "dec", "1,2", "x", "99");
    fc.assert(
      fc.property(fc.array(part, { minLength: 4, maxLength: 6 }), (parts) => {
        const times = parseCron(parts.join(" "));

        if ("problem" in times) {
          expect(times.fix).not.toBe("");
          return;
        }
        expect(times.minutes.every((minute) => minute >= 0 && minute < 60)).toBe(true);
        expect(times.months.every((month) => month >= 1 && month <= 12)).toBe(true);
        expect((times.daysOfWeek ?? []).every((day) => day >= 0 && day < 7)).toBe(true);
      }),
    );
  });
});

describe("dates of a schedule", () => {
  test("are those whose weekday fits", () => {
    expect(scheduledDates(timesOf("0 2 * * mon,fri"), "2026-11-23", "2026-12-01")).toEqual([
      "2026-11-23",
      "2026-11-27",
      "2026-11-30",
    ]);
  });

  test("are those whose day and month fit, over the turn of the year", () => {
    expect(scheduledDates(timesOf("0 2 1 1,12 *"), "2026-11-30", "2027-02-03")).toEqual(["2026-12-01", "2027-01-01"]);
  });

  test("are in the schedule's own time zone", () => {
    const moment = new Date("2026-07-01T22:30:00Z");

    expect(dateIn("UTC", moment)).toBe("2026-07-01");
    expect(dateIn("Europe/Berlin", moment)).toBe("2026-07-02");
    expect(dateIn("America/New_York", new Date("2026-07-01T02:30:00Z"))).toBe("2026-06-30");
  });
});

describe("the sections schedule and benchmark", () => {
  test("may be left out, and then are not there", () => {
    const parsed = parseExperiment(experiment, "small.yaml");
    const spec = "experiment" in parsed ? parsed.experiment.spec : {};

    expect(spec).not.toHaveProperty("schedule");
    expect(spec).not.toHaveProperty("benchmark");
  });

  test("have their defaults filled in", () => {
    const parsed = parseExperiment(`${experiment}schedule: {cron: 0 2 * * *}\nbenchmark: {}\n`, "small.yaml");

    expect(parsed).toMatchObject({
      experiment: {
        spec: {
          schedule: { cron: "0 2 * * *", timezone: "UTC" },
          benchmark: { metric: "testAccuracy", minimumEffect: 0.005, level: 0.05, minimumNights: 5, confirm: true },
        },
      },
    });
  });

  test("say where a schedule is wrong, and what is allowed", () => {
    expect(issuesOf("schedule: {cron: 0 25 * * *, timezone: Europe/Berln}")).toEqual([
      [
        5,
        'got "0 25 * * *", expected a cron expression of five fields: "25" is no hour',
        expect.stringContaining("0…23"),
      ],
      [5, 'got "Europe/Berln", expected a time zone of the IANA data base', "did you mean `Europe/Berlin`?"],
    ]);
  });

  test.each(["+01:00", "berlin", "CEST+1", ""])("the time zone %j is refused", (timezone) => {
    expect(issuesOf(`schedule: {cron: 0 2 * * *, timezone: "${timezone}"}`)).toHaveLength(1);
  });

  test("name the nearest metric", () => {
    expect(JSON.stringify(issuesOf("benchmark: {metric: testAcuracy}"))).toContain("testAccuracy");
  });
});
