/** Environment variables about the notice that a spot instance is about to be reclaimed: read by trainer processes. */
export const spotVariables = {
  /** Where the instance's metadata is served, the variable of all AWS tools; absent = `http://169.254.169.254`. */
  endpoint: "AWS_EC2_METADATA_SERVICE_ENDPOINT",
  /** `true` = the metadata is not to be asked, the variable of all AWS tools. */
  isDisabled: "AWS_EC2_METADATA_DISABLED",
  /** Milliseconds between two looks; absent = 5,000, as AWS recommends. */
  pollMs: "NIGHTSWEEP_SPOT_POLL_MS",
} as const;

/** Where and how often the notice is looked for. */
export interface SpotWatch {
  /** Address without a slash at its end. */
  readonly endpoint: string;
  readonly pollMs: number;
}

const defaultWatch: SpotWatch = { endpoint: "http://169.254.169.254", pollMs: 5000 };

/**
 * Reads how the notice is watched for.
 * @param variables the process environment
 * @returns undefined if it is not to be watched for; or every problem
 */
export function parseSpotWatch(
  variables: Readonly<Record<string, string | undefined>>,
): { readonly watch: SpotWatch | undefined } | { readonly problems: readonly string[] } {
  if (variables[spotVariables.isDisabled]?.toLowerCase() === "true") return { watch: undefined };
  const problems: string[] = [];
  const endpoint = (variables[spotVariables.endpoint] || defaultWatch.endpoint).replace(/\/+$/, "");
  if (!/^https?:\/\/[^/]+/.test(endpoint))
    problems.push(`${spotVariables.endpoint} is "${endpoint}", expected an address like ${defaultWatch.endpoint}`);
  const text = variables[spotVariables.pollMs];
  const pollMs = text === undefined || text === "" ? defaultWatch.pollMs : Number(text);
  if (!Number.isInteger(pollMs) || pollMs < 10 || pollMs > 60_000)
    problems.push(`${spotVariables.pollMs} is "${text}", expected an integer from 10 to 60000`);
  return problems.length > 0 ? { problems } : { watch: { endpoint, pollMs } };
}
