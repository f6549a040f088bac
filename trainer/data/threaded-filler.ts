import { Worker } from "node:worker_threads";
import type { BatchBuffers, BatchFiller, BatchRecipe, FillRequest } from "./batch-recipe.ts";
import type { ThreadAnswer, ThreadRequest } from "./batch-thread.ts";
import { DataError } from "./data-error.ts";

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Makes batches in a thread of its own, which is started with the first one. The thread sees the same memory. */
export class ThreadedFiller implements BatchFiller {
  private worker: Worker | undefined;
  private failure: Error | undefined;
  private nextId = 0;
  private readonly waiting = new Map<number, Waiting>();

  constructor(private readonly recipe: BatchRecipe) {}

  prepare(request: FillRequest, buffers: BatchBuffers): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    this.worker ??= this.start();
    const { worker } = this;
    return new Promise((resolve, reject) => {
      const id = this.nextId++;
      this.waiting.set(id, { resolve, reject });
      // A process that waits for a batch must not end; one that does not wait may.
      worker.ref();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
      worker.postMessage({ id, request, buffers } satisfies ThreadRequest);
    });
  }

  async close(): Promise<void> {
    this.failAll(new Error("the batches were closed"));
    await this.worker?.terminate();
  }

  private start(): Worker {
    // From sources (tests), the thread needs a loader for TypeScript first.
    const isSource = import.meta.url.endsWith(".ts");
    const entry = new URL(isSource ? "./batch-thread-source.mjs" : "./batch-thread.js", import.meta.url);
    const worker = new Worker(entry, { workerData: this.recipe });
    worker.on("message", (answer: ThreadAnswer) => this.receive(answer));
    worker.on("error", (error) => this.failAll(error instanceof Error ? error : new Error(String(error))));
    worker.on("exit", (code) => this.failAll(new Error(`the thread that makes batches ended (code ${code})`)));
    return worker;
  }

  private receive({ id, failure }: ThreadAnswer): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (this.waiting.size === 0) this.worker?.unref();
    if (failure === undefined) waiting?.resolve();
    else waiting?.reject(failure.isData ? new DataError(failure.message) : new Error(failure.message));
  }

  private failAll(error: Error): void {
    this.failure ??= error;
    for (const { reject } of this.waiting.values()) reject(this.failure);
    this.waiting.clear();
  }
}
