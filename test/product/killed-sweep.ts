import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { startNightsweep, workersOf, type Running } from "../cli/nightsweep-process.ts";

/** What it took to finish sweeps whose processes were killed again and again. */
export interface KillReport {
  readonly kills: { readonly worker: number; readonly orchestrator: number };
  /** Commands that were started, and stores that were filled one after another. */
  readonly starts: number;
  readonly stores: readonly string[];
  /** Processor time of all trainers, in seconds; those of a process until at most 50 ms before its end. */
  readonly trainerSeconds: number;
  readonly trainerCount: number;
}

/** What is run and how often it is killed. */
export interface KillOptions {
  readonly folder: string;
  readonly file: string;
  readonly workers: number;
  readonly kills: number;
  readonly seed: number;
  /** The longest time between two kills. */
  readonly maxDelayMs: number;
}

/**
 * Runs a sweep, kills a worker or the orchestrator with kill -9 at random moments, and starts the command again, until
 * it is finished; goes on with another store until so many kills are done. Linux only.
 */
export async function killUntilFinished(options: KillOptions): Promise<KillReport> {
  const random = mulberry32(options.seed);
  const kills = { worker: 0, orchestrator: 0 };
  const stores: string[] = [];
  const meter = new TrainerMeter();
  let starts = 0;
  for (let isFirst = true; isFirst || kills.worker + kills.orchestrator < options.kills; isFirst = false) {
    const store = `${options.folder}/killed-${stores.push("") - 1}`;
    stores[stores.length - 1] = store;
    for (let isDone = false; !isDone; ) {
      starts++;
      const running = start(options, store);
      const end = running.outcome.then(() => "ended" as const);
      const stopMetering = meter.watch(store);
      while (kills.worker + kills.orchestrator < options.kills) {
        // From the start on: also while a process starts, plans, or reads its data.
        if ((await Promise.race([end, sleep(random() * options.maxDelayMs)])) === "ended") break;
        if (killOne(running, store, random) === "worker") kills.worker++;
        else {
          kills.orchestrator++;
          break;
        }
      }
      const { exitCode, signal, stderr } = await running.outcome;
      stopMetering();
      isDone = exitCode === 0;
      // A worker that was killed too often has failed for good: the next run tries again.
      if (!isDone && signal === null && exitCode !== 1) throw new Error(`ended with ${exitCode}:\n${stderr}`);
    }
  }
  return { kills, starts, stores, trainerSeconds: meter.seconds, trainerCount: meter.count };
}

/** Runs the sweep undisturbed. @returns processor time of all trainers, in seconds */
export async function runUndisturbed(options: KillOptions, store: string): Promise<number> {
  const meter = new TrainerMeter();
  const stop = meter.watch(store);
  const { exitCode, stderr } = await start(options, store).outcome;
  stop();
  if (exitCode !== 0) throw new Error(stderr);
  return meter.seconds;
}

function start({ folder, file, workers }: KillOptions, store: string): Running {
  return startNightsweep(["run", file, "--workers", String(workers), "--store", store], { cwd: folder });
}

function killOne({ child }: Running, store: string, random: () => number): "worker" | "orchestrator" {
  const workers = workersOf(store);
  const worker = workers[Math.floor(random() * workers.length)];
  if (random() < 0.5 && worker !== undefined) {
    try {
      process.kill(Number(worker), "SIGKILL");
      return "worker";
    } catch {
      // It has ended in this very moment.
    }
  }
  child.kill("SIGKILL");
  return "orchestrator";
}

/** Sums up the processor time of trainers by looking at them every 50 ms. */
class TrainerMeter {
  private readonly secondsOf = new Map<string, number>();

  get seconds(): number {
    return [...this.secondsOf.values()].reduce((sum, seconds) => sum + seconds, 0);
  }

  get count(): number {
    return this.secondsOf.size;
  }

  watch(store: string): () => void {
    const timer = setInterval(() => {
      for (const pid of workersOf(store)) this.look(pid);
    }, 50);
    return () => clearInterval(timer);
  }

  private look(pid: string): void {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
      // utime, stime and starttime of proc(5), in hundredths of a second.
      const [user, system, startTime] = [fields[11], fields[12], fields[19]];
      this.secondsOf.set(`${pid} ${startTime}`, (Number(user) + Number(system)) / 100);
    } catch {
      // It has ended.
    }
  }
}

function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
