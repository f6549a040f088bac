import { scalar, type Scalar } from "@tensorflow/tfjs-core";
import type { Ema } from "../../../src/spec/schema/ema.ts";
import type { Optimizer } from "../../../src/spec/schema/training.ts";
import type { StepNumbers } from "../adaptive-updates.ts";
import { numbersOf } from "../update-rule.ts";
import { averageShares } from "../weight-average.ts";
import type { StepOptions } from "../weight-update.ts";
import type { GraphBuilder, NodeReference } from "./graph-def.ts";
import type { Trace } from "./trace.ts";

/** A number that an update needs and that differs from step to step. */
export type FedNumber = keyof StepNumbers | "kept" | "taken";

/** How weights are changed. */
export interface LearningRules {
  readonly optimizer: Optimizer;
  readonly ema?: Ema | undefined;
}

/** A number as it is given for each step. */
export interface StepFeed {
  readonly node: NodeReference;
  readonly valueAt: (options: StepOptions) => number;
}

/** The numbers of a step as inputs of a graph; only those that are asked for become inputs. */
export class GraphNumbers {
  private readonly declared = new Map<FedNumber, StepFeed & { readonly tensor: Scalar }>();

  constructor(
    private readonly graph: GraphBuilder,
    private readonly trace: Trace,
    private readonly rules: LearningRules,
  ) {}

  nodeOf(name: FedNumber): NodeReference {
    return this.declare(name).node;
  }

  /** A tensor that stands for the number while a step is traced. */
  tensorOf(name: FedNumber): Scalar {
    return this.declare(name).tensor;
  }

  /** What is to be given for each step. */
  feeds(): readonly StepFeed[] {
    return [...this.declared.values()].map(({ node, valueAt }) => ({ node, valueAt }));
  }

  private declare(name: FedNumber) {
    const known = this.declared.get(name);
    if (known !== undefined) return known;
    const node = this.graph.placeholder(name, "float32", []);
    const tensor = scalar(1, "float32");
    this.trace.bind(tensor, node);
    const declared = { node, tensor, valueAt: (options: StepOptions) => valueOf(name, this.rules, options) };
    this.declared.set(name, declared);
    return declared;
  }
}

function valueOf(name: FedNumber, { optimizer, ema }: LearningRules, options: StepOptions): number {
  if (name === "learningRate" || name === "adamStepSize") return numbersOf(optimizer, options)[name];
  if (ema === undefined) throw new Error("there is no moving average");
  return averageShares(ema, options.step)[name];
}
