import { Variable, type Tensor } from "@tensorflow/tfjs-core";
import {
  attribute,
  dataTypes,
  type AttributeBytes,
  type DataType,
  type GraphBuilder,
  type NodeReference,
} from "./graph-def.ts";
import type { NativeBackend, NativeValues, OperationAttribute, OperationInput } from "./native-backend.ts";
import { OperationWriter, type GraphKit } from "./operation-writer.ts";

/** Why a step can't be compiled, in words that go after "the step is not compiled: ". */
export class NotCompilable extends Error {
  override readonly name = "NotCompilable";
}

/** How a trace ties tensors to the graph. */
export interface TraceBindings {
  /** Gives the node with a weight's value; undefined = not a weight of the model. */
  readonly readVariable: (variable: Variable) => NodeReference | undefined;
  /** All variables that may be read. */
  readonly variables: readonly Variable[];
  /** What the graph may be made of. */
  readonly kit: GraphKit;
}

/**
 * Writes down, as nodes of a graph, the TensorFlow operations that tfjs executes while a function runs; they are executed
 * as usual, too. Gradients, losses and layers are thereby tfjs' own, not written a second time.
 */
export class Trace {
  private readonly references = new Map<object, NodeReference>();
  private readonly fed = new Set<object>();
  private readonly variables: ReadonlyMap<object, Variable>;
  private readonly writer: OperationWriter;

  constructor(
    private readonly backend: NativeBackend,
    private readonly graph: GraphBuilder,
    private readonly bindings: TraceBindings,
  ) {
    this.writer = new OperationWriter(graph, bindings.kit);
    this.variables = new Map(bindings.variables.map((variable) => [variable.dataId, variable]));
  }

  /** Says that a tensor stands for a node: something that is given for every run. */
  bind(tensor: Tensor, node: NodeReference): void {
    this.references.set(tensor.dataId, node);
    this.fed.add(tensor.dataId);
  }

  /** The node of a tensor that was computed during the trace; a constant for one made in JavaScript. */
  nodeOf(tensor: Tensor): NodeReference {
    const known = this.references.get(tensor.dataId);
    if (known !== undefined) return known;
    const variable = this.variables.get(tensor.dataId) ?? (tensor instanceof Variable ? tensor : undefined);
    const node = variable === undefined ? this.constantOf(tensor) : this.readNode(variable);
    this.references.set(tensor.dataId, node);
    return node;
  }

  /** Variables that were assigned to during the trace, and what. */
  assignments(): { readonly variable: Variable; readonly node: NodeReference }[] {
    return [...this.variables]
      .filter(([dataId, variable]) => variable.dataId !== dataId)
      .map(([, variable]) => ({ variable, node: this.nodeOf(variable) }));
  }

  /**
   * Runs a function and writes down what it executes.
   * @throws NotCompilable if it lets a computed value steer JavaScript, which a graph can't repeat
   */
  record<Result>(run: () => Result): Result {
    const { backend } = this;
    const { executeSingleOutput, executeMultipleOutputs, readSync } = backend;
    backend.executeSingleOutput = (name, attributes, inputs) => {
      const output = executeSingleOutput.call(backend, name, attributes, inputs);
      this.write(name, attributes, inputs, [output]);
      return output;
    };
    backend.executeMultipleOutputs = (name, attributes, inputs, outputCount) => {
      const outputs = executeMultipleOutputs.call(backend, name, attributes, inputs, outputCount);
      this.write(name, attributes, inputs, outputs);
      return outputs;
    };
    backend.readSync = (dataId) => {
      this.refuseRead(dataId);
      return readSync.call(backend, dataId);
    };
    try {
      return run();
    } finally {
      Object.assign(backend, { executeSingleOutput, executeMultipleOutputs, readSync });
    }
  }

  private write(name: string, all: readonly OperationAttribute[], given: OperationInput[], outputs: Tensor[]): void {
    const inputs = given.map((input) => this.inputNode(input));
    // Kernels leave gaps in their lists of attributes.
    const attributes = Object.fromEntries(all.filter(Boolean).map((each) => [each.name, this.encode(name, each)]));
    const node = this.writer.write({
      operation: name,
      inputs,
      attributes,
      settings: Object.fromEntries(all.filter(Boolean).map((each) => [each.name, each.value])),
      shapes: given.map((input) => ("valueArray" in input ? [] : input.shape)),
      constants: inputs.map((input) => this.graph.valuesOf(input)),
      outputShape: outputs[0]?.shape ?? [],
    });
    for (const [index, output] of outputs.entries()) {
      this.references.set(output.dataId, index === 0 ? node : `${node}:${index}`);
    }
  }

  private inputNode(input: OperationInput): NodeReference {
    if (!("valueArray" in input)) return this.nodeOf(input);
    return this.graph.constant("int64", [], BigInt64Array.of(BigInt(input.valueArray[0] ?? 0)));
  }

  private readNode(variable: Variable): NodeReference {
    const node = this.bindings.readVariable(variable);
    if (node === undefined) throw new NotCompilable(`it reads the variable ${variable.name}, which is no weight`);
    return node;
  }

  private constantOf(tensor: Tensor): NodeReference {
    const type = dataTypeOf(tensor);
    const data = this.backend.tensorMap.get(tensor.dataId);
    if (data === undefined) throw new NotCompilable("it uses a tensor of another engine");
    return this.graph.constant(
      type,
      tensor.shape,
      ofType(type, data.values ?? this.backend.binding.tensorDataSync(data.id)),
    );
  }

  private refuseRead(dataId: object): void {
    const node = this.references.get(dataId);
    const isConstant = node !== undefined && this.graph.valuesOf(node) !== undefined;
    if (this.variables.has(dataId) || (node !== undefined && !isConstant)) {
      throw new NotCompilable("it reads a computed value in JavaScript");
    }
  }

  private encode(operation: string, { name, type, value }: OperationAttribute): AttributeBytes {
    const { binding } = this.backend;
    if (type === binding.TF_ATTR_TYPE && typeof value === "number") return attribute.typeNumber(value);
    if (type === binding.TF_ATTR_TYPE && isNumbers(value)) return attribute.typeNumbers(value);
    if (type === binding.TF_ATTR_INT && typeof value === "number") return attribute.integer(value);
    if (type === binding.TF_ATTR_INT && isNumbers(value)) return attribute.integers(value);
    if (type === binding.TF_ATTR_FLOAT && typeof value === "number") return attribute.float(value);
    if (type === binding.TF_ATTR_BOOL) return attribute.boolean(Boolean(value));
    if (type === binding.TF_ATTR_STRING && typeof value === "string") return attribute.text(value);
    if (type === binding.TF_ATTR_SHAPE && isNumbers(value)) return attribute.shape(value);
    throw new NotCompilable(`the attribute ${name} of ${operation} is of a kind that is not known`);
  }
}

function dataTypeOf({ dtype }: Tensor): DataType {
  if (dtype === "float32" || dtype === "int32" || dtype === "bool") return dtype;
  throw new NotCompilable(`it uses a constant of type ${dtype}`);
}

/** Values that JavaScript has not handed over yet may still be of another array type. */
function ofType(type: DataType, values: NativeValues): NativeValues {
  const numbers = Array.from<number | bigint, number>(values, Number);
  if (type === "float32") return values instanceof Float32Array ? values : Float32Array.from(numbers);
  if (type === "int32") return values instanceof Int32Array ? values : Int32Array.from(numbers);
  if (type === "bool") return values instanceof Uint8Array ? values : Uint8Array.from(numbers);
  throw new RangeError(`no constants of type ${type} are read (${dataTypes[type]})`);
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => typeof item === "number");
}
