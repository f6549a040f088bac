import type { RunStep } from "../../src/contract/run-machine.ts";
import { confirmStep } from "../../src/orchestrate/cloud/confirm-step.ts";
import { lambdaParts } from "../../src/orchestrate/cloud/lambda-parts.ts";

/** The re-run that a suspicion asks for before there is an alarm. */
export const handler = async (step: RunStep): Promise<RunStep> => confirmStep(await lambdaParts(), step);
