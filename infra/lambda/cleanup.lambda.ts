import type { ExecutionEnded } from "../../src/contract/run-machine.ts";
import { cleanUp, type CleanedUp } from "../../src/orchestrate/cloud/clean-up.ts";
import { lambdaParts } from "../../src/orchestrate/cloud/lambda-parts.ts";

/** Clears up after an execution that failed, timed out or was aborted. */
export const handler = async (event: ExecutionEnded): Promise<CleanedUp> => cleanUp(await lambdaParts(), event);
