import { pollVariable } from "../contract/poll-variable.ts";
import { isS3Location } from "./s3-location.ts";
import type { Store } from "./store.ts";
import { StoreError } from "./store-error.ts";

const minMs = 50;
const maxMs = 600_000;

/**
 * How long to wait between looks at what others write to a store: each look at a bucket is paid for.
 * @param variables the process environment
 * @throws StoreError if the variable that says otherwise is no sensible number
 */
export function pollIntervalMs(
  { location }: Pick<Store, "location">,
  variables: Readonly<Record<string, string | undefined>> = process.env,
): number {
  const given = variables[pollVariable];
  if (given === undefined) return isS3Location(location) ? 10_000 : 2000;
  const intervalMs = Number(given);
  if (intervalMs >= minMs && intervalMs <= maxMs) return intervalMs;
  throw new StoreError("", {
    problem: `${pollVariable} is "${given}", expected a number of milliseconds from ${minMs} to ${maxMs}`,
    fix: `correct it, or unset it: then it is 2,000 in a folder and 10,000 in a bucket`,
  });
}
