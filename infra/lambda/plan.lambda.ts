import type { PlanEvent, RunStep } from "../../src/contract/run-machine.ts";
import { lambdaParts } from "../../src/orchestrate/cloud/lambda-parts.ts";
import { planStep } from "../../src/orchestrate/cloud/plan-step.ts";

/** The first step of an execution: which run it carries out, and what is to be trained of it. */
export const handler = async (event: PlanEvent): Promise<RunStep> => planStep(await lambdaParts(), event);
