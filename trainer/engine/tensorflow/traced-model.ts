import type { Scalar } from "@tensorflow/tfjs-core";
import type { GradientClipping } from "../../../src/spec/schema/optimizer.ts";
import type { Loss } from "../../../src/spec/schema/training.ts";
import type { StepClock, StepInput } from "../../model/dropout-layer.ts";
import type { LogitsGraph } from "../../model/logits-graph.ts";
import type { SeriesPlan } from "../engine.ts";
import type { NamedVariable } from "../weight-update.ts";
import type { NodeReference } from "./graph-def.ts";
import type { VariableDeclaration } from "./graph-variables.ts";
import type { NativeBackend } from "./native-backend.ts";
import type { GraphKit } from "./operation-writer.ts";
import type { ResidentImages } from "./resident-images.ts";
import type { LearningRules, StepFeed } from "./step-numbers.ts";

/** A model as tfjs runs it, which is to become a graph. */
export interface TracedModel {
  readonly backend: NativeBackend;
  /** What its graph may be made of. */
  readonly kit: GraphKit;
  /** The layers up to the logits. */
  readonly network: LogitsGraph;
  /** What regularizers add to the loss; gives undefined if there is none. */
  readonly penalty: () => Scalar | undefined;
  readonly loss: Loss;
  /** Shape of one image. */
  readonly imageShape: readonly number[];
  readonly variables: readonly VariableDeclaration[];
  /** What its graph depends on; absent = no other model takes over what was compiled for it. */
  readonly identity?: {
    /** Everything besides the seed, as text. */
    readonly key: string;
    /** What layers draw from; the graph does not depend on it, but the values that are given to it for each step do. */
    readonly seed: number;
  };
  /** What it takes to learn; absent = the model only predicts. */
  readonly learning?: {
    readonly trained: readonly NamedVariable[];
    readonly rules: LearningRules;
    readonly gradientClipping?: GradientClipping | undefined;
    /** Whether examples count differently. */
    readonly hasShares: boolean;
    readonly clock: StepClock;
  };
}

/** What goes into and comes out of one training step for batches of one size. */
export interface TrainingSignature {
  readonly images: NodeReference;
  readonly labels: NodeReference;
  /** Share of each example in the mean loss, shape [examples, 1]; absent = the same for all. */
  readonly shares: NodeReference | undefined;
  readonly numbers: readonly StepFeed[];
  readonly stepInputs: readonly { readonly node: NodeReference; readonly input: StepInput }[];
  /** Logits from before the step, shape [examples, outputs]; fetching them does the step. */
  readonly logits: NodeReference;
  /** What regularizers add to the loss before the step. */
  readonly penalty: NodeReference | undefined;
}

/** Several steps in one call. */
export interface SeriesSignature {
  readonly plan: SeriesPlan;
  readonly images: ResidentImages;
  /** In order; what stands for their images are the rows of these. */
  readonly steps: readonly TrainingSignature[];
}

/** What goes into and comes out of a prediction for batches of one size. */
export interface PredictionSignature {
  readonly images: NodeReference;
  readonly logits: NodeReference;
  readonly penalty: NodeReference | undefined;
}
