import validate from "asl-validator";
import { describe, expect, test } from "vitest";
import type { AnyShape } from "./synthesised.ts";
import { defineMachine } from "../../infra/machine/definition.ts";

const definition = defineMachine({
  functions: { plan: "arn:plan", reduce: "arn:reduce", report: "arn:report", confirm: "arn:confirm" },
  topic: "arn:topic",
  name: "trainers",
  partition: "aws",
  timeLimitSeconds: 600,
});
type States = Record<string, Record<string, AnyShape>>;
const states = definition["States"] as unknown as States;
const jobStates = states["Run jobs"]?.["ItemProcessor"].States as States;

describe("the state machine", () => {
  test("is correct Amazon States Language", () => {
    const result = validate(definition);

    expect(result.isValid ? "" : result.errorsText()).toBe("");
  });

  test("would not be correct with a state that leads nowhere", () => {
    const { isValid } = validate({ ...definition, StartAt: "Nowhere" });

    expect(isValid).toBe(false);
  });

  test("submits an array where there are several jobs, a single job where there is one", () => {
    const submitted = (name: string) => jobStates[name]?.["Parameters"].ArrayProperties as unknown;

    expect(jobStates["One or many?"]?.["Choices"]).toEqual([
      { Variable: "$.size", NumericGreaterThan: 1, Next: "Array of jobs" },
    ]);
    expect(submitted("Array of jobs")).toEqual({ "Size.$": "$.size" });
    expect(submitted("One job")).toBeUndefined();
  });

  test("waits for its jobs, and so ends them when it is aborted", () => {
    for (const name of ["Array of jobs", "One job"])
      expect(jobStates[name]?.["Resource"]).toBe("arn:aws:states:::batch:submitJob.sync");
  });

  test("leaves attempts to the job definition: a retry strategy of its own would drop the rules that end them", () => {
    for (const name of ["Array of jobs", "One job"])
      expect(Object.keys(jobStates[name]?.["Parameters"])).not.toContain("RetryStrategy");
  });

  test("goes on to reduce when jobs fail", () => {
    for (const name of ["Array of jobs", "One job"])
      expect(jobStates[name]?.["Catch"]).toEqual([
        { ErrorEquals: ["States.ALL"], ResultPath: null, Next: "Left to reduce" },
      ]);
  });

  test("carries nothing away from its jobs", () => {
    expect(states["Run jobs"]?.["ResultPath"]).toBeNull();
  });

  test("fails on a step that it doesn't know instead of guessing", () => {
    const choices = Object.values(states).filter(({ Type }) => Type === "Choice");

    expect(choices.map(({ Default }) => String(Default)).sort()).toEqual([
      "How did it go?",
      "Unknown step",
      "Unknown step",
      "Unknown step",
    ]);
  });
});
