import type { Failure } from "../../contract/worker-messages.ts";
import type { JobFacts } from "../../execute/job-service.ts";

/** Why trials of a job have no result, in plain words. @param job undefined = nothing is known of it any more */
export function explainEndedJob(job: JobFacts | undefined): Failure {
  if (job === undefined)
    return { kind: "killed", reason: "its job ended without a result, and AWS Batch does not remember it any more" };
  const { statusReason = "", containerReason = "", exitCode } = job;
  const told = [statusReason, containerReason].filter((text) => text !== "").join("; ");
  if (/exceeded timeout/i.test(statusReason))
    return { kind: "timeLimit", reason: "the job reached its time limit and was ended by AWS Batch" };
  if (/^OutOfMemoryError/i.test(containerReason))
    return { kind: "memory", reason: `the container had no memory left and was killed (${containerReason})` };
  if (/CAPACITY:/.test(statusReason))
    return {
      kind: "infrastructure",
      reason: `AWS had no machine for the job in time: ${explainWaiting(statusReason)}`,
    };
  if (/MISCONFIGURATION:|ACTION_REQUIRED/.test(statusReason))
    return { kind: "user", reason: `the job could never start: ${explainWaiting(statusReason)}` };
  if (/^Cannot(Pull|Start)Container/i.test(`${containerReason}${statusReason}`))
    return { kind: "infrastructure", reason: `the container could not be started: ${told}` };
  if (/^Host EC2/i.test(statusReason))
    return { kind: "killed", reason: `its spot instances were taken back in every attempt (${statusReason})` };
  if (exitCode === 64)
    return {
      kind: "user",
      reason:
        "the trainer could not work where it was started (exit code 64): `nightsweep logs <trial> --console` shows what it said",
    };
  const code = exitCode === undefined ? "" : ` with exit code ${exitCode}`;
  return { kind: "killed", reason: `its job ended${code} before the trial was finished${told && ` (${told})`}` };
}

/** What keeps a job in RUNNABLE, in plain words, and what to do. @param statusReason in the words of AWS Batch */
export function explainWaiting(statusReason: string | undefined): string {
  if (statusReason === undefined || statusReason === "")
    return "it waits for machines: they are being started, or other jobs use them";
  const known = waitingReasons.find(([pattern]) => pattern.test(statusReason));
  return known === undefined ? statusReason : `${known[1]} (${statusReason.split(" - ")[0]})`;
}

/** @see https://docs.aws.amazon.com/batch/latest/userguide/job_stuck_in_runnable.html */
const waitingReasons: readonly (readonly [RegExp, string])[] = [
  [
    /INSUFFICIENT_INSTANCE_CAPACITY/,
    "AWS has no free instances of these types now; it starts when there are, or allow more types or zones",
  ],
  [
    /COMPUTE_ENVIRONMENT_MAX_RESOURCE/,
    "the compute environments may not have as many vCPUs as the job needs: raise maxVcpus, and the account's quota",
  ],
  [
    /JOB_RESOURCE_REQUIREMENT/,
    "no instance type of the queue has as much CPU, memory or GPUs as the job needs: choose a smaller size or larger types",
  ],
  [
    /quota|VcpuLimitExceeded|MaxSpotInstanceCount/i,
    "the account's quota for GPU instances is used up: ask AWS for more (`nightsweep doctor` says which one)",
  ],
  [/SERVICE_ROLE|INSTANCE_ROLE|PERMISSION/i, "a role lacks a permission: deploy the stack again"],
  [/ACTION_REQUIRED/, "the compute environments can't grow: `nightsweep doctor` looks for the cause"],
];
