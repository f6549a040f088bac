import type { ModelState } from "../engine.ts";
import type { TracedModel } from "./traced-model.ts";
import type { CompiledSteps } from "./compiled-steps.ts";

/**
 * Larger models are not kept: their steps take so long that compiling does not count, and their weights would take the
 * memory that the next trial was planned with.
 */
const maxKeptBytes = 64 * 2 ** 20;

/**
 * Compiled models that are done with, for the next one that has the same graph: trials of a sweep often differ by learning
 * rate and seed only, which are given for each step. Everything that a session remembers is written anew, so that the next
 * model computes what it would have computed in a session of its own.
 */
export class CompiledPool {
  /** One that trains and one that only predicts. */
  private readonly kept = new Map<"learns" | "predicts", CompiledSteps>();

  /** A kept one that fits, with this state; one of the kind that does not fit is let go. */
  take(model: TracedModel, state: ModelState): CompiledSteps | undefined {
    const kind = kindOf(model);
    const kept = this.kept.get(kind);
    this.kept.delete(kind);
    if (kept?.fits(model) === true) return kept.handOver(model, state);
    kept?.dispose();
    return undefined;
  }

  /** Takes over what nobody uses any more: keeps it, or disposes of it. */
  giveBack(model: TracedModel, compiled: CompiledSteps): void {
    if (model.identity === undefined || bytesOf(model) > maxKeptBytes) {
      compiled.dispose();
      return;
    }
    const kind = kindOf(model);
    this.kept.get(kind)?.dispose();
    this.kept.set(kind, compiled);
  }
}

function kindOf({ learning }: TracedModel): "learns" | "predicts" {
  return learning === undefined ? "predicts" : "learns";
}

/** What its weights, slots and averages take. */
function bytesOf({ variables }: TracedModel): number {
  const each = variables.map(
    ({ variable, slots, isAveraged }) => variable.size * (1 + slots.length + (isAveraged ? 1 : 0)),
  );
  return 4 * each.reduce((sum, size) => sum + size, 0);
}
