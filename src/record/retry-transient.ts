import { isTransient } from "./s3-failure.ts";

/** How often and how long something is tried again. */
export interface RetryPolicy {
  readonly maxTries: number;
  /** The longest wait before the second try; it doubles from try to try. */
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

/** Waits of up to about 25 s in all, besides those of the SDK. */
export const defaultRetryPolicy: RetryPolicy = { maxTries: 8, firstDelayMs: 200, maxDelayMs: 10_000 };

/**
 * Does something again as long as it fails in a way that may pass. Waits are random between none and the limit ("full
 * jitter"), so that workers who were turned away together don't come back together.
 * @throws whatever the last try threw
 */
export async function retryTransient<Outcome>(action: () => Promise<Outcome>, policy: RetryPolicy): Promise<Outcome> {
  for (let tries = 1; ; tries++) {
    try {
      return await action();
    } catch (error) {
      if (tries >= policy.maxTries || !isTransient(error)) throw error;
      const limit = Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** (tries - 1));
      await new Promise((resolve) => setTimeout(resolve, Math.random() * limit));
    }
  }
}
