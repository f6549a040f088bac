import { parentPort, workerData } from "node:worker_threads";
import { BatchMaker } from "./batch-maker.ts";
import type { BatchBuffers, BatchRecipe, FillRequest } from "./batch-recipe.ts";
import { DataError } from "./data-error.ts";

/** What the thread is asked for. */
export interface ThreadRequest {
  readonly id: number;
  readonly request: FillRequest;
  /** In shared memory: the thread writes into them. */
  readonly buffers: BatchBuffers;
}

/** What the thread answers: the buffers are filled, or why not. */
export interface ThreadAnswer {
  readonly id: number;
  readonly failure?: { readonly message: string; readonly isData: boolean };
}

/** The entry point of the thread that makes batches. */
function serve(recipe: BatchRecipe): void {
  const maker = new BatchMaker(recipe);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
  const answer = (message: ThreadAnswer): void => parentPort?.postMessage(message);
  parentPort?.on("message", ({ id, request, buffers }: ThreadRequest) => {
    maker.prepare(request, buffers).then(
      () => answer({ id }),
      (error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        answer({ id, failure: { message, isData: error instanceof DataError } });
      },
    );
  });
}

// Only as a thread: whoever imports the types starts nothing.
if (parentPort !== null && isRecipe(workerData)) serve(workerData);

function isRecipe(value: unknown): value is BatchRecipe {
  return typeof value === "object" && value !== null && "parts" in value && "storedShape" in value;
}
