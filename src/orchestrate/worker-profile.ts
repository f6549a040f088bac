import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { availableParallelism, cpus } from "node:os";
import path from "node:path";
import { cacheFolder } from "../engine/cache-folder.ts";
import type { Plan } from "../plan/plan.ts";
import type { TuningResult } from "./worker-tuner.ts";

/** How many trials side by side were found to be worth it on this machine. */
export interface MeasuredWorkers extends TuningResult {
  /** As `2026-11-22`. */
  readonly measuredOn: string;
}

interface Profile {
  readonly schemaVersion: 1;
  readonly measured: Readonly<Record<string, MeasuredWorkers>>;
}

/** A machine may get other neighbours: older figures are measured again. */
const validDays = 30;
const msPerDay = 86_400_000;

type Variables = Readonly<Record<string, string | undefined>>;

/** The file of what was measured, in the person's cache folder. It may be deleted at any time. */
export function workerProfileFile(variables: Variables): string {
  return path.join(cacheFolder(variables), "workers.json");
}

/**
 * What machine and size of training a measurement holds for: the processor, its cores, and the power of ten of a step's
 * multiply-adds, of the configuration with most work.
 */
export function profileKey(plan: Plan, engine: string, threads: number): string {
  const largest = plan.configurations.reduce((most, { estimate }) => {
    return Math.max(most, estimate.trainingMultiplyAdds / Math.max(1, estimate.stepCount));
  }, 1);
  const computing = threads === 1 ? engine : `${engine} on ${threads} threads`;
  return [
    cpus()[0]?.model.trim() ?? "",
    availableParallelism(),
    computing,
    `1e${Math.floor(Math.log10(largest))}`,
  ].join(" / ");
}

/** What was measured, if it was and is not too old. */
export async function loadMeasuredWorkers(file: string, key: string, now: Date): Promise<MeasuredWorkers | undefined> {
  const measured = (await loadProfile(file)).measured[key];
  if (measured === undefined) return undefined;
  const days = (now.getTime() - Date.parse(measured.measuredOn)) / msPerDay;
  return days <= validDays ? measured : undefined;
}

/** Writes down what was measured. It is a cache: where it can't be written, it is measured again next time. */
export async function saveMeasuredWorkers(
  file: string,
  key: string,
  result: TuningResult & { readonly now: Date },
): Promise<void> {
  const { now, workers, tried, gain } = result;
  const profile = await loadProfile(file);
  const measured = { workers, tried, gain: Number(gain.toFixed(2)), measuredOn: now.toISOString().slice(0, 10) };
  const text = JSON.stringify({ ...profile, measured: { ...profile.measured, [key]: measured } }, undefined, 2);
  try {
    await mkdir(path.dirname(file), { recursive: true });
    const aside = `${file}.${process.pid}`;
    await writeFile(aside, `${text}\n`);
    await rename(aside, file);
  } catch {
    return;
  }
}

/** A file that is missing, damaged or of another version holds nothing. */
async function loadProfile(file: string): Promise<Profile> {
  try {
    const content: unknown = JSON.parse(await readFile(file, "utf8"));
    if (isProfile(content)) return content;
  } catch {
    // Not there, or no JSON.
  }
  return { schemaVersion: 1, measured: {} };
}

function isProfile(value: unknown): value is Profile {
  if (typeof value !== "object" || value === null || !("measured" in value) || !("schemaVersion" in value))
    return false;
  const { schemaVersion, measured } = value;
  if (schemaVersion !== 1 || typeof measured !== "object" || measured === null) return false;
  return Object.values(measured).every(isMeasured);
}

function isMeasured(value: unknown): value is MeasuredWorkers {
  if (typeof value !== "object" || value === null) return false;
  const numbers = ["workers", "tried", "gain"].map((key): unknown => Reflect.get(value, key));
  return (
    numbers.every((number) => typeof number === "number" && number > 0) &&
    "measuredOn" in value &&
    typeof value.measuredOn === "string"
  );
}
