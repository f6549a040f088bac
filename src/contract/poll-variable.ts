/**
 * Environment variable: milliseconds between looks at what others write to a store while a run goes on (controls, logs).
 * Absent = 2 s in a folder, 10 s in a bucket.
 */
export const pollVariable = "NIGHTSWEEP_POLL_MS";
