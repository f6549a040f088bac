import type { RunStep } from "../../src/contract/run-machine.ts";
import { lambdaParts } from "../../src/orchestrate/cloud/lambda-parts.ts";
import { reduceStep } from "../../src/orchestrate/cloud/reduce-step.ts";

/** What comes after a round of jobs: another round of what is missing, a pause, or the report. */
export const handler = async (step: RunStep): Promise<RunStep> => reduceStep(await lambdaParts(), step);
