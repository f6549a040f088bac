import type { Failure, FailureKind } from "../contract/worker-messages.ts";

/** Kinds whose cause is in a configuration's own values: in a sweep some may well fail so. */
const ownKinds: ReadonlySet<FailureKind> = new Set(["diverged", "memory", "timeLimit"]);

const maxReasonCharacters = 200;

/**
 * A failure without what differs from trial to trial: two with the same signature have the same cause. Of the reason,
 * its first line counts, without numbers, ids and quoted values.
 */
export function signatureOf({ kind, reason }: Failure): string {
  const [line = ""] = reason.split("\n");
  const normal = line
    .replaceAll(/\b[0-9a-f]{8,}\b/gi, "#")
    .replaceAll(/-?\d+(?:\.\d+)?(?:e[-+]?\d+)?/gi, "#")
    .replaceAll(/\bNaN\b|\binfinite\b/g, "#");
  return `${kind}: ${normal.slice(0, maxReasonCharacters)}`;
}

/** Trials that failed for good one after another, all in the same way. */
export interface Streak {
  readonly failure: Failure;
  readonly count: number;
}

/** Follows how trials end, to notice that all of them fail in the same way. Each step costs the same. */
export class FailureStreak {
  private hasFinished = false;
  private signature = "";
  private last: Failure | undefined;
  private trials = 0;
  private readonly configurations = new Set<number>();

  /** Takes note that a trial finished. */
  finished(): void {
    this.hasFinished = true;
    this.restart("");
  }

  /** Takes note that a trial failed for good. */
  failed(failure: Failure, configuration: number): void {
    const signature = signatureOf(failure);
    if (signature !== this.signature) this.restart(signature);
    this.last = failure;
    this.trials++;
    this.configurations.add(configuration);
  }

  /**
   * The failures in a row until now. Where the cause is in a trial's own values, seeds of one configuration count
   * once, and as soon as any trial has finished none counts: the others are worth trying.
   */
  get current(): Streak | undefined {
    if (this.last === undefined) return undefined;
    if (!ownKinds.has(this.last.kind)) return { failure: this.last, count: this.trials };
    return this.hasFinished ? undefined : { failure: this.last, count: this.configurations.size };
  }

  private restart(signature: string): void {
    this.signature = signature;
    this.last = undefined;
    this.trials = 0;
    this.configurations.clear();
  }
}
