/** Environment variables about claims on trials: read by the command line and by trainer processes. */
export const claimVariables = {
  /** Milliseconds between two signs of life of a trainer. */
  beatMs: "NIGHTSWEEP_CLAIM_BEAT_MS",
  /** Milliseconds without a sign of life after which others take a trial over. */
  expiryMs: "NIGHTSWEEP_CLAIM_EXPIRY_MS",
  /**
   * Names the one that hands out a trainer's attempts, and never hands out two at the same trial side by side: what an
   * earlier attempt of it still claims is taken over at once.
   */
  session: "NIGHTSWEEP_SESSION",
  /** Set by AWS Batch: id of the job (with its array index), the same in all its attempts. Serves as session. */
  batchJob: "AWS_BATCH_JOB_ID",
} as const;

/** How claims are kept and when they expire. */
export interface ClaimTimes {
  /** Between two signs of life. */
  readonly beatMs: number;
  /** Without a sign of life until others take over. */
  readonly expiryMs: number;
}

/** A trainer may miss three signs of life before it loses its trial. */
export const defaultClaimTimes: ClaimTimes = { beatMs: 20_000, expiryMs: 90_000 };

/**
 * Reads how claims are kept.
 * @param variables the process environment
 * @returns the times, or every problem in them
 */
export function parseClaimTimes(
  variables: Readonly<Record<string, string | undefined>>,
): { readonly times: ClaimTimes } | { readonly problems: readonly string[] } {
  const problems: string[] = [];
  const milliseconds = (name: string, fallback: number): number => {
    const text = variables[name];
    if (text === undefined || text === "") return fallback;
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1) problems.push(`${name} is "${text}", expected an integer ≥ 1`);
    return value;
  };
  const beatMs = milliseconds(claimVariables.beatMs, defaultClaimTimes.beatMs);
  const expiryMs = milliseconds(claimVariables.expiryMs, defaultClaimTimes.expiryMs);
  if (problems.length === 0 && expiryMs < 2 * beatMs)
    problems.push(
      `${claimVariables.expiryMs} is ${expiryMs}, expected at least twice ${claimVariables.beatMs} (${beatMs})`,
    );
  return problems.length > 0 ? { problems } : { times: { beatMs, expiryMs } };
}
