import { attribute, type GraphBuilder, type NodeReference } from "./graph-def.ts";
import { convolutionWithPool, type ConvolutionWithPool } from "./convolution-pool.ts";
import { rewriteOperation, type RecordedOperation } from "./rewrite-operation.ts";
import { addSmallImageConvolution } from "./small-image-convolution.ts";

/** What a graph may be made of beyond TensorFlow's own operations as tfjs executes them. */
export interface GraphKit {
  /** Whether it is computed on a processor: some operations are then better replaced by others. */
  readonly isOnProcessor: boolean;
  /** Whether our own operations for processors are loaded (src/engine/operations). */
  readonly hasOwnOperations: boolean;
}

/** The gradient of pooled images: every window gives its slope to one point of them. */
interface PooledGradient {
  readonly images: NodeReference;
  readonly pooled: NodeReference;
  /** Of the windows, none where ReLU cuts off. */
  readonly slopes: NodeReference;
  /** What pooling was joined with. */
  readonly joined: ConvolutionWithPool | undefined;
}

const float = { T: attribute.type("float32") };

/**
 * Writes operations into a graph, joined with those before them where that gives the same in less time. What nobody
 * asks for any more, TensorFlow leaves out.
 */
export class OperationWriter {
  private readonly recorded = new Map<NodeReference, RecordedOperation>();
  private readonly joined = new Map<NodeReference, ConvolutionWithPool>();
  private readonly pooledGradients = new Map<NodeReference, PooledGradient>();

  constructor(
    private readonly graph: GraphBuilder,
    private readonly kit: GraphKit,
  ) {}

  /** Adds what an operation computes. @returns its first output */
  write(executed: RecordedOperation): NodeReference {
    const [first] = executed.inputs;
    // tfjs reshapes what has the shape already, which keeps TensorFlow from joining operations.
    if (executed.operation === "Reshape" && first !== undefined && keepsShape(executed)) return first;
    const operation = rewriteOperation(executed);
    const node = this.kit.isOnProcessor ? this.writeForProcessor(operation) : this.graph.add(operation);
    this.recorded.set(node, operation);
    return node;
  }

  private writeForProcessor(operation: RecordedOperation): NodeReference {
    switch (operation.operation) {
      case "MaxPool":
        return this.addPool(operation);
      case "ReluGrad":
        return this.addReluGradient(operation);
      case "BiasAddGrad":
        return this.addBiasGradient(operation);
      case "Conv2DBackpropInput":
        return this.addImageGradient(operation);
      case "Conv2DBackpropFilter":
        return this.addKernelGradient(operation);
      default:
        return addSmallImageConvolution(this.graph, operation) ?? this.graph.add(operation);
    }
  }

  private addPool(operation: RecordedOperation): NodeReference {
    const joined = this.kit.hasOwnOperations ? convolutionWithPool(operation, this.recorded) : undefined;
    if (joined === undefined) return this.graph.add(operation);
    const node = joined.addTo(this.graph);
    this.joined.set(node, joined);
    return node;
  }

  /** ReLU's gradient before pooling, at the maxima of the windows: there are four times less of them. */
  private addReluGradient(operation: RecordedOperation): NodeReference {
    const [gradient = "", features] = operation.inputs;
    const pool = this.recorded.get(gradient);
    if (pool?.operation !== "MaxPoolGrad" || pool.inputs[0] !== features) return this.graph.add(operation);
    const [images = "", pooled = "", given = ""] = pool.inputs;
    const slopes = this.graph.add({ operation: "ReluGrad", inputs: [given, pooled], attributes: float });
    const node = this.graph.add({ ...pool, inputs: [images, pooled, slopes] });
    const joined = this.joined.get(pooled);
    this.pooledGradients.set(node, { images, pooled, slopes: joined === undefined ? slopes : given, joined });
    return node;
  }

  private addBiasGradient(operation: RecordedOperation): NodeReference {
    const gradient = this.pooledGradients.get(operation.inputs[0] ?? "");
    if (gradient === undefined) return this.graph.add(operation);
    if (gradient.joined !== undefined) return gradient.joined.addGradientTo(this.graph, gradient, "bias");
    // All slopes are somewhere in the images, so that the sum is the same.
    return this.graph.add({ ...operation, inputs: [gradient.slopes] });
  }

  private addImageGradient(operation: RecordedOperation): NodeReference {
    const [, kernel = "", outputs = ""] = operation.inputs;
    const gradient = this.pooledGradients.get(outputs);
    if (gradient?.joined?.isOf({ kernel }) === true)
      return gradient.joined.addGradientTo(this.graph, gradient, "images");
    return addSmallImageConvolution(this.graph, operation) ?? this.graph.add(operation);
  }

  private addKernelGradient(operation: RecordedOperation): NodeReference {
    const [images = "", , outputs = ""] = operation.inputs;
    const gradient = this.pooledGradients.get(outputs);
    if (gradient?.joined?.isOf({ images }) === true)
      return gradient.joined.addGradientTo(this.graph, gradient, "kernel");
    return addSmallImageConvolution(this.graph, operation) ?? this.graph.add(operation);
  }
}

function keepsShape({ shapes, outputShape }: RecordedOperation): boolean {
  const [before] = shapes;
  return before?.length === outputShape.length && outputShape.every((size, axis) => size === before[axis]);
}
