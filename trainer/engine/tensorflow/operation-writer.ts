import { attribute, type GraphBuilder, type NodeReference } from "./graph-def.ts";
import { joinedConvolution } from "./join-convolution.ts";
import { rewriteOperation, type RecordedOperation } from "./rewrite-operation.ts";
import { addSmallImageConvolution } from "./small-image-convolution.ts";

/** What a graph may be made of beyond TensorFlow's own operations as tfjs executes them. */
export interface GraphKit {
  /** Whether it is computed on a processor: some operations are then better replaced by others. */
  readonly isOnProcessor: boolean;
  /** Whether our own operations for processors are loaded (src/engine/operations). */
  readonly hasOwnOperations: boolean;
}

const float = { T: attribute.type("float32") };

/** Writes operations into a graph, joined with those before them where that gives the same values in less time. */
export class OperationWriter {
  private readonly recorded = new Map<NodeReference, RecordedOperation>();
  /** Gradients of pooled images, and what is given for each window: it has the same sum. */
  private readonly windowSlopes = new Map<NodeReference, () => NodeReference>();

  constructor(
    private readonly graph: GraphBuilder,
    private readonly kit: GraphKit,
  ) {}

  /** Adds what an operation computes. @returns its first output */
  write(executed: RecordedOperation): NodeReference {
    const [first] = executed.inputs;
    // tfjs reshapes what has the shape already, which keeps TensorFlow from joining operations.
    if (executed.operation === "Reshape" && first !== undefined && isSameShape(executed)) return first;
    const operation = rewriteOperation(executed);
    const node = this.kit.isOnProcessor ? this.writeForProcessor(operation) : this.graph.add(operation);
    this.recorded.set(node, operation);
    return node;
  }

  private writeForProcessor(operation: RecordedOperation): NodeReference {
    switch (operation.operation) {
      case "BiasAdd":
      case "Relu":
        return this.graph.add(this.joinConvolution(operation) ?? operation);
      case "MaxPool":
        return this.graph.add(this.kit.hasOwnOperations && isPoolOfTwo(operation) ? ownMaxPool(operation) : operation);
      case "MaxPoolGrad":
        return this.addPoolGradient(operation, { hasRelu: false });
      case "ReluGrad":
        return this.addReluGradient(operation);
      case "BiasAddGrad":
        return this.graph.add(this.shortenSum(operation));
      default:
        return addSmallImageConvolution(this.graph, operation) ?? this.graph.add(operation);
    }
  }

  private joinConvolution(operation: RecordedOperation) {
    if (!this.kit.hasOwnOperations) return undefined;
    const [bias, relu] =
      operation.operation === "Relu"
        ? [this.recorded.get(operation.inputs[0] ?? ""), operation]
        : [operation, undefined];
    const convolution = this.recorded.get(bias?.inputs[0] ?? "");
    return bias && convolution && joinedConvolution({ convolution, bias, hasRelu: relu !== undefined });
  }

  /** @param hasRelu the gradient stops where the largest value of a window is 0 */
  private addPoolGradient(operation: RecordedOperation, { hasRelu }: { readonly hasRelu: boolean }): NodeReference {
    const [images = "", pooled = "", slopes = ""] = operation.inputs;
    const ofWindows = (): NodeReference =>
      hasRelu ? this.graph.add({ operation: "ReluGrad", inputs: [slopes, pooled], attributes: float }) : slopes;
    if (!this.kit.hasOwnOperations || !isPoolOfTwo(operation)) {
      const given = ofWindows();
      const node = this.graph.add({ ...operation, inputs: [images, pooled, given] });
      this.windowSlopes.set(node, () => given);
      return node;
    }
    const attributes = { relu: attribute.boolean(hasRelu) };
    const node = this.graph.add({ operation: "NightsweepMaxPoolGradient", inputs: [images, slopes], attributes });
    this.windowSlopes.set(node, ofWindows);
    return node;
  }

  /** The gradient of ReLU before pooling, for the windows' maxima: four times less of them. */
  private addReluGradient(operation: RecordedOperation): NodeReference {
    const [gradient = "", features] = operation.inputs;
    const before = this.recorded.get(gradient);
    if (before?.operation !== "MaxPoolGrad" || before.inputs[0] !== features) return this.graph.add(operation);
    return this.addPoolGradient(before, { hasRelu: true });
  }

  /** Every window gives its gradient to one image point, so that there is a shorter sum. */
  private shortenSum(operation: RecordedOperation): RecordedOperation {
    const slopes = this.windowSlopes.get(operation.inputs[0] ?? "");
    return slopes === undefined ? operation : { ...operation, inputs: [slopes()] };
  }
}

function isSameShape({ shapes, outputShape }: RecordedOperation): boolean {
  const [before] = shapes;
  return before?.length === outputShape.length && outputShape.every((size, axis) => size === before[axis]);
}

/** Windows of 2×2 side by side that lie within the images. */
function isPoolOfTwo({ settings, shapes }: RecordedOperation): boolean {
  const [, height = 1, width = 1] = shapes[0] ?? [];
  const { ksize, strides, padding, data_format: format } = settings;
  if (String(ksize) !== "1,2,2,1" || String(strides) !== "1,2,2,1" || format !== "NHWC") return false;
  return padding === "VALID" || (padding === "SAME" && height % 2 === 0 && width % 2 === 0);
}

function ownMaxPool({ inputs }: RecordedOperation) {
  return { operation: "NightsweepMaxPool", inputs };
}
