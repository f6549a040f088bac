import type { Batch } from "../engine/engine.ts";
import type { DataPart } from "../../src/plan/kept-images.ts";
import type { BatchBuffers, BatchFiller, BatchRecipe, FillRequest } from "./batch-recipe.ts";
import type { Batches, Epoch } from "./batches.ts";

/** Which batch a slot holds. */
interface Wanted {
  readonly batches: Batches;
  readonly index: number;
  readonly epoch: Epoch | undefined;
}

/** Buffers for one batch, and what is in them or will be. */
interface Slot {
  buffers: BatchBuffers;
  holds?: Wanted;
  size: number;
  filled: Promise<void>;
}

/**
 * Makes the batches of a trial in a few buffers that all its parts share, some of them ahead of their use. What is made
 * ahead is a guess: a batch that was not foreseen is made when it is asked for.
 */
export class BatchPool {
  private readonly slots: Slot[] = [];
  private inUse: Slot | undefined;

  /** @param bufferCount batches in memory at once; all but one are made ahead */
  constructor(
    private readonly recipe: BatchRecipe,
    private readonly filler: BatchFiller,
    private readonly bufferCount: number,
  ) {}

  /** Size of all buffers. */
  get bufferBytes(): number {
    return this.slots.reduce((sum, { buffers }) => sum + buffers.images.byteLength + buffers.labels.byteLength, 0);
  }

  close(): Promise<void> {
    return this.filler.close();
  }

  /**
   * Cuts a part of the recipe into batches.
   * @param batchSize examples of each batch but the last
   * @throws RangeError if the part is missing or empty, or the batch size is not a positive integer
   */
  batchesOf(part: DataPart, batchSize: number): Batches {
    const exampleCount = this.recipe.parts[part]?.chosen.length ?? 0;
    if (exampleCount === 0) throw new RangeError(`the ${part} part has no examples`);
    if (!(Number.isInteger(batchSize) && batchSize > 0)) throw new RangeError(`batches of ${batchSize}`);
    const count = Math.ceil(exampleCount / batchSize);
    const requestOf = (index: number, epoch: Epoch | undefined): FillRequest => {
      const [start, end] = [index * batchSize, Math.min((index + 1) * batchSize, exampleCount)];
      if (epoch === undefined)
        return { part, positions: Uint32Array.from({ length: end - start }, (_, i) => start + i) };
      return { part, positions: epoch.order.slice(start, end), epoch: epoch.number };
    };
    const assemble = async (index: number, epoch?: Epoch): Promise<Batch> => {
      if (!(index >= 0 && index < count)) throw new RangeError(`batch ${index} of ${count}`);
      if (epoch !== undefined && epoch.order.length !== exampleCount)
        throw new RangeError(`an order of ${epoch.order.length} for ${exampleCount} examples`);
      const wanted = Array.from({ length: Math.min(this.bufferCount, count - index) }, (_, ahead) => index + ahead);
      const batch = this.provide(
        wanted.map((index) => ({ batches, index, epoch })),
        requestOf,
      );
      return batch;
    };
    const batches: Batches = { count, exampleCount, assemble };
    return batches;
  }

  /** @param wanted the batch that is asked for and those to make ahead, at most as many as there are buffers */
  private async provide(
    wanted: readonly Wanted[],
    requestOf: (index: number, epoch: Epoch | undefined) => FillRequest,
  ): Promise<Batch> {
    const held = this.slots.filter(({ holds }) => holds !== undefined && wanted.some((one) => isSame(one, holds)));
    const slots = wanted.map((one) => {
      const found = held.find(({ holds }) => holds !== undefined && isSame(one, holds));
      if (found !== undefined) return found;
      const slot = this.freeSlot(held);
      held.push(slot);
      this.fill(slot, one, requestOf(one.index, one.epoch));
      return slot;
    });
    const [slot] = slots;
    if (slot === undefined) throw new RangeError("no batch was asked for");
    this.inUse = slot;
    try {
      await slot.filled;
    } catch (error) {
      // Asked for again, it is made again.
      delete slot.holds;
      throw error;
    }
    return { size: slot.size, images: slot.buffers.images, labels: slot.buffers.labels };
  }

  /** The batch in use before is over: its slot is the first choice, so that what was made ahead for others stays. */
  private freeSlot(taken: readonly Slot[]): Slot {
    const free = this.slots.filter((slot) => !taken.includes(slot));
    const unused = this.inUse !== undefined && free.includes(this.inUse) ? this.inUse : free[0];
    if (unused !== undefined) return unused;
    const slot = { buffers: createBuffers(0, 0), size: 0, filled: Promise.resolve() };
    this.slots.push(slot);
    return slot;
  }

  private fill(slot: Slot, wanted: Wanted, request: FillRequest): void {
    const imageLength = this.recipe.inputShape.reduce((product, size) => product * size, 1);
    const size = request.positions.length;
    if (slot.buffers.labels.length < size) slot.buffers = createBuffers(size, imageLength);
    slot.holds = wanted;
    slot.size = size;
    slot.filled = this.filler.prepare(request, slot.buffers);
    // Perhaps nobody ever waits for it.
    slot.filled.catch(() => undefined);
  }
}

function isSame(one: Wanted, other: Wanted): boolean {
  return one.batches === other.batches && one.index === other.index && one.epoch === other.epoch;
}

/** In shared memory: a thread may fill them. */
function createBuffers(size: number, imageLength: number): BatchBuffers {
  return {
    images: new Float32Array(new SharedArrayBuffer(4 * size * imageLength)),
    labels: new Int32Array(new SharedArrayBuffer(4 * size)),
  };
}
