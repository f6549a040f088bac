/** Crockford's base 32: no letter that is easily misread. */
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/**
 * A new run's id, e.g. `20261122T101530Z-k7qd`: sorts by time, to the second.
 * @param now when the run starts
 * @param randomBytes source of `count` random bytes, for runs of the same second
 */
export function createRunId(now: Date, randomBytes: (count: number) => Uint8Array): string {
  const time = now.toISOString().replace(/\.\d+/, "").replaceAll(/[-:]/g, "");
  const suffix = Array.from(randomBytes(4), (byte) => alphabet.charAt(byte % alphabet.length));
  return `${time}-${suffix.join("")}`;
}
