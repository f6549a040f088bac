import { Worker } from "node:worker_threads";
import type { BatchBuffers, BatchFiller, BatchRecipe, FillRequest } from "./batch-recipe.ts";
import type { ThreadAnswer, ThreadRequest } from "./batch-thread.ts";
import { DataError } from "./data-error.ts";

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * Makes batches in threads of their own, which are started with the first one. They see the same memory; of several, each
 * makes a part of every batch, so that more threads need no more buffers. How many there are makes no difference to a batch.
 */
export class ThreadedFiller implements BatchFiller {
  private readonly threads: readonly BatchThread[];

  constructor(
    private readonly recipe: BatchRecipe,
    threadCount = 1,
  ) {
    this.threads = Array.from({ length: threadCount }, () => new BatchThread(recipe));
  }

  async prepare(request: FillRequest, buffers: BatchBuffers): Promise<void> {
    const { positions } = request;
    const imageLength = this.recipe.inputShape.reduce((product, size) => product * size, 1);
    const share = Math.ceil(positions.length / this.threads.length);
    const parts = this.threads.map((thread, index) => {
      const [start, end] = [index * share, Math.min((index + 1) * share, positions.length)];
      if (start >= end) return Promise.resolve();
      return thread.prepare(
        { ...request, positions: positions.slice(start, end) },
        {
          images: buffers.images.subarray(start * imageLength, end * imageLength),
          labels: buffers.labels.subarray(start, end),
        },
      );
    });
    // All parts first: a buffer that one of them still writes into must not be used again.
    for (const result of await Promise.allSettled(parts)) if (result.status === "rejected") throw result.reason;
  }

  async close(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.close()));
  }
}

/** One of the threads. */
class BatchThread implements BatchFiller {
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
    // After `close`, the thread must keep the process alive until it has ended.
    if (!this.waiting.delete(id)) return;
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
