import type { NativeValues } from "./native-backend.ts";
import { bytesField, floatField, integerField, packedField } from "../../../src/encoding/protobuf.ts";

/** Numbers of TensorFlow's `DataType`. */
export const dataTypes = { float32: 1, int32: 3, int64: 9, bool: 10 } as const;

/** A type of tensor that graphs are made of. */
export type DataType = keyof typeof dataTypes;

/** An attribute of a node, encoded as TensorFlow's `AttrValue`. */
export type AttributeBytes = Uint8Array;

/** Encodes attributes. */
export const attribute = {
  type: (type: DataType): AttributeBytes => integerField(6, dataTypes[type]),
  typeNumber: (type: number): AttributeBytes => integerField(6, type),
  typeNumbers: (types: readonly number[]): AttributeBytes => bytesField(1, packedField(6, types)),
  integer: (value: number): AttributeBytes => integerField(3, value),
  integers: (values: readonly number[]): AttributeBytes => bytesField(1, packedField(3, values)),
  float: (value: number): AttributeBytes => floatField(4, value),
  boolean: (value: boolean): AttributeBytes => integerField(5, value ? 1 : 0),
  text: (value: string): AttributeBytes => bytesField(2, value),
  shape: (shape: readonly number[]): AttributeBytes => bytesField(7, shapeBytes(shape)),
  tensor: (type: DataType, shape: readonly number[], values: NativeValues): AttributeBytes => {
    const content = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const fields = [integerField(1, dataTypes[type]), bytesField(2, shapeBytes(shape)), bytesField(4, content)];
    return bytesField(8, Buffer.concat(fields));
  },
};

/** The first output of a node by its name, a further one as `name:1`, or `^name`: only wait for the node. */
export type NodeReference = string;

/** What a node computes from what. */
export interface NodeDeclaration {
  /** Operation, e.g. `MatMul`. */
  readonly operation: string;
  readonly inputs?: readonly NodeReference[];
  readonly attributes?: Readonly<Record<string, AttributeBytes>>;
  /** Wished name; a number is added if it is taken. */
  readonly name?: string;
}

/** Larger constants of one value are filled in by TensorFlow instead of being written out. */
const largestWritten = 64;
/** Version of the graph format (`TF_GRAPH_DEF_VERSION`), of TensorFlow 2.21. */
const producerVersion = 1882;

/** A TensorFlow graph in the making. The same calls give the same bytes. */
export class GraphBuilder {
  private readonly nodes: { readonly name: string; readonly declaration: NodeDeclaration }[] = [];
  private readonly timesUsed = new Map<string, number>();
  private readonly constants = new Map<string, NodeReference>();
  private readonly knownValues = new Map<NodeReference, NativeValues>();
  private scope = "";

  get nodeCount(): number {
    return this.nodes.length;
  }

  /** Adds a node. @returns its first output */
  add(declaration: NodeDeclaration): NodeReference {
    const wished = `${this.scope}${declaration.name ?? declaration.operation}`;
    const used = this.timesUsed.get(wished) ?? 0;
    this.timesUsed.set(wished, used + 1);
    const name = used === 0 ? wished : `${wished}_${used}`;
    this.nodes.push({ name, declaration });
    return name;
  }

  /**
   * Names all nodes that are added meanwhile `<scope>/…`, and gives them constants of their own. What is computed in a
   * scope is thereby the same graph whatever other scopes there are; TensorFlow's optimiser orders sums by names.
   */
  within<Result>(scope: string, act: () => Result): Result {
    const outer = this.scope;
    this.scope = `${outer}${scope}/`;
    try {
      return act();
    } finally {
      this.scope = outer;
    }
  }

  /** A value that is given for every run. */
  placeholder(name: string, type: DataType, shape: readonly number[]): NodeReference {
    const attributes = { dtype: attribute.type(type), shape: attribute.shape(shape) };
    return this.add({ operation: "Placeholder", attributes, name });
  }

  /** A constant; equal small ones of a scope share a node. */
  constant(type: DataType, shape: readonly number[], values: NativeValues): NodeReference {
    const key =
      values.length <= largestWritten ? `${this.scope} ${type} [${shape.join()}] ${values.join()}` : undefined;
    const existing = key === undefined ? undefined : this.constants.get(key);
    if (existing !== undefined) return existing;
    const created = this.createConstant(type, shape, values);
    if (key !== undefined) this.constants.set(key, created);
    this.knownValues.set(created, values);
    return created;
  }

  /** A constant float32 scalar. */
  scalar(value: number): NodeReference {
    return this.constant("float32", [], Float32Array.of(value));
  }

  /** Values of a constant; undefined for whatever is computed. */
  valuesOf(reference: NodeReference): NativeValues | undefined {
    return this.knownValues.get(reference);
  }

  /** Passes a value on after `after` has been done. */
  identity(
    value: NodeReference,
    options: { readonly after?: readonly NodeReference[]; readonly name: string },
  ): string {
    const inputs = [value, ...(options.after ?? []).map((node) => `^${node}`)];
    return this.add({
      operation: "Identity",
      inputs,
      attributes: { T: attribute.type("float32") },
      name: options.name,
    });
  }

  /** The bytes of a `GraphDef`. @param start index of the first node in it */
  encode(start = 0): Buffer {
    const nodes = this.nodes.slice(start).map((node) => bytesField(1, encodeNode(node)));
    return Buffer.concat([...nodes, bytesField(4, integerField(1, producerVersion))]);
  }

  /** The bytes of a `SavedModel` with this graph under the tag `serve`. */
  encodeSavedModel(): Buffer {
    const metaGraph = Buffer.concat([bytesField(1, bytesField(4, "serve")), bytesField(2, this.encode())]);
    return Buffer.concat([integerField(1, 1), bytesField(2, metaGraph)]);
  }

  private createConstant(type: DataType, shape: readonly number[], values: NativeValues): NodeReference {
    if (values.length > largestWritten && isUniform(values)) {
      const dimensions = this.constant("int32", [shape.length], Int32Array.from(shape));
      const value = this.constant(type, [], values.slice(0, 1));
      const attributes = { T: attribute.type(type), index_type: attribute.type("int32") };
      return this.add({ operation: "Fill", inputs: [dimensions, value], attributes });
    }
    const attributes = { dtype: attribute.type(type), value: attribute.tensor(type, shape, values) };
    return this.add({ operation: "Const", attributes });
  }
}

function encodeNode({ name, declaration }: { name: string; declaration: NodeDeclaration }): Buffer {
  const { operation, inputs = [], attributes = {} } = declaration;
  // TensorFlow wants what is only waited for behind the inputs.
  const ordered = [...inputs.filter((input) => !isWaitedFor(input)), ...inputs.filter(isWaitedFor)];
  return Buffer.concat([
    bytesField(1, name),
    bytesField(2, operation),
    ...ordered.map((input) => bytesField(3, input)),
    ...Object.entries(attributes).map(([key, value]) =>
      bytesField(5, Buffer.concat([bytesField(1, key), bytesField(2, value)])),
    ),
  ]);
}

function isWaitedFor(reference: NodeReference): boolean {
  return reference.startsWith("^");
}

function isUniform(values: NativeValues): boolean {
  return values.every((value: number | bigint) => value === values[0]);
}

function shapeBytes(shape: readonly number[]): Buffer {
  return Buffer.concat(shape.map((dimension) => bytesField(2, integerField(1, dimension))));
}
