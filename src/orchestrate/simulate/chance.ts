import { randomPurposes, randomStream, type RandomStream } from "../../plan/random.ts";

/** Random numbers of a simulation, one after another; the same seed and purpose give the same ones. */
export class Chance {
  private readonly stream: RandomStream;
  private position = 0;

  constructor(...key: readonly number[]) {
    this.stream = randomStream(...key.slice(0, 1), randomPurposes.simulation, ...key.slice(1));
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return this.stream.uniformAt(this.position++);
  }

  /** Whether something of this probability happens. */
  happens(probability: number): boolean {
    return this.uniform() < probability;
  }

  /** Exponential: the time until something that happens at random, so often on average. */
  waitFor(meanTime: number): number {
    return -Math.log(1 - this.uniform()) * meanTime;
  }

  /** Standard normal (Box–Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** One of the whole numbers 0 … count−1. */
  below(count: number): number {
    return Math.floor(this.uniform() * count);
  }
}
