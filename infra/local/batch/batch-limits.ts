import type { EvaluateOnExit, RegisterJobDefinitionRequest, SubmitJobRequest } from "@aws-sdk/client-batch";

const kibibyte = 1024;

/** The service's quotas that a wrong request is refused for, and those that only the service's documentation tells. */
export const batchLimits = {
  arraySize: { min: 2, max: 10_000 },
  payloadBytes: 30 * kibibyte,
  /** Of all container overrides of a job together. */
  overridesBytes: 8 * kibibyte,
  attempts: { min: 1, max: 10 },
  evaluateOnExit: 5,
  dependsOn: 20,
  describedJobs: 100,
  submitsPerSecond: 50,
  timeoutSeconds: { min: 60 },
  tags: 50,
} as const;

const namePattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;

/** Everything that the real service refuses in a request to submit a job; a stricter reading where it is unclear. */
export function findSubmitProblems(request: SubmitJobRequest, payloadBytes: number): string[] {
  const { arrayProperties, containerOverrides, dependsOn = [], retryStrategy, timeout, tags = {} } = request;
  const problems: string[] = [];
  const check = (isRight: boolean, problem: string): void => void (isRight || problems.push(problem));
  check(payloadBytes <= batchLimits.payloadBytes, `the request has ${payloadBytes} bytes, at most 30 KiB are allowed`);
  check(namePattern.test(request.jobName ?? ""), `jobName "${request.jobName}" must match ${namePattern.source}`);
  check(!!request.jobQueue, "jobQueue is missing");
  check(!!request.jobDefinition, "jobDefinition is missing");
  if (arrayProperties !== undefined) {
    const { min, max } = batchLimits.arraySize;
    const { size } = arrayProperties;
    const isRight = size !== undefined && Number.isInteger(size) && size >= min && size <= max;
    check(isRight, `arrayProperties.size is ${size}, must be between ${min} and ${max}`);
  }
  check(dependsOn.length <= batchLimits.dependsOn, `dependsOn has ${dependsOn.length} jobs, at most 20 are allowed`);
  const overridesBytes = Buffer.byteLength(JSON.stringify(containerOverrides ?? {}));
  check(overridesBytes <= batchLimits.overridesBytes, `containerOverrides have ${overridesBytes} bytes, at most 8 KiB`);
  for (const { name } of containerOverrides?.environment ?? [])
    check(!!name && !name.startsWith("AWS_BATCH"), `environment variable "${name}" is reserved or has no name`);
  check(Object.keys(tags).length <= batchLimits.tags, `there are more than ${batchLimits.tags} tags`);
  return [...problems, ...findRetryProblems(retryStrategy), ...findTimeoutProblems(timeout)];
}

/** Everything that the real service refuses in a job definition of containers on EC2. */
export function findDefinitionProblems(request: RegisterJobDefinitionRequest): string[] {
  const problems: string[] = [];
  const { jobDefinitionName = "", type, containerProperties } = request;
  if (!namePattern.test(jobDefinitionName))
    problems.push(`jobDefinitionName "${jobDefinitionName}" must match ${namePattern.source}`);
  if (type !== "container") problems.push(`type is "${type}", only container is known here`);
  if (!containerProperties?.image) problems.push("containerProperties.image is missing");
  const kinds = new Set((containerProperties?.resourceRequirements ?? []).map(({ type }) => type));
  for (const kind of ["VCPU", "MEMORY"] as const)
    if (!kinds.has(kind)) problems.push(`containerProperties.resourceRequirements lacks ${kind}`);
  return [...problems, ...findRetryProblems(request.retryStrategy), ...findTimeoutProblems(request.timeout)];
}

function findRetryProblems(strategy: SubmitJobRequest["retryStrategy"]): string[] {
  if (strategy === undefined) return [];
  const { attempts = 1, evaluateOnExit = [] } = strategy;
  const { min, max } = batchLimits.attempts;
  const problems = evaluateOnExit.flatMap(findRuleProblems);
  if (!Number.isInteger(attempts) || attempts < min || attempts > max)
    problems.push(`retryStrategy.attempts is ${attempts}, must be between ${min} and ${max}`);
  if (evaluateOnExit.length > batchLimits.evaluateOnExit)
    problems.push(`retryStrategy.evaluateOnExit has ${evaluateOnExit.length} rules, at most 5 are allowed`);
  return problems;
}

function findRuleProblems({ action, onExitCode, onReason, onStatusReason }: EvaluateOnExit): string[] {
  const problems: string[] = [];
  const conditions = { onExitCode, onReason, onStatusReason };
  if (!["RETRY", "EXIT"].includes(action?.toUpperCase() ?? "")) problems.push(`evaluateOnExit has action "${action}"`);
  for (const [name, pattern] of Object.entries(conditions)) {
    if (pattern !== undefined && (pattern.length > 512 || pattern.slice(0, -1).includes("*")))
      problems.push(`evaluateOnExit.${name} "${pattern}" is too long or has a * before its end`);
  }
  if (onExitCode !== undefined && !/^\d*\*?$/.test(onExitCode))
    problems.push(`evaluateOnExit.onExitCode "${onExitCode}" is no number`);
  return problems;
}

function findTimeoutProblems(timeout: SubmitJobRequest["timeout"]): string[] {
  const seconds = timeout?.attemptDurationSeconds;
  if (seconds === undefined || seconds >= batchLimits.timeoutSeconds.min) return [];
  return [`timeout.attemptDurationSeconds is ${seconds}, must be at least ${batchLimits.timeoutSeconds.min}`];
}
