import type { Variable } from "@tensorflow/tfjs-core";
import type { NamedTensor } from "../engine.ts";
import { attribute, type GraphBuilder, type NodeReference } from "./graph-def.ts";
import type { Feed, GraphSession } from "./graph-session.ts";

/** A weight of the model and the names of its optimizer slots. */
export interface VariableDeclaration {
  /** As in records, e.g. `dense/kernel`. */
  readonly name: string;
  readonly variable: Variable;
  readonly slots: readonly string[];
}

/** A variable inside of a session. */
interface GraphVariable {
  readonly name: string;
  readonly shape: readonly number[];
  readonly resource: NodeReference;
  readonly read: NodeReference;
  readonly given: NodeReference;
}

/** Weights and optimizer slots as variables of one graph, shared by all that is computed in it. */
export class GraphVariables {
  private readonly weights: readonly GraphVariable[];
  private readonly slots: readonly GraphVariable[];
  private readonly written: NodeReference;
  private readonly byVariable: ReadonlyMap<
    Variable,
    { readonly weight: NodeReference; readonly slots: readonly string[] }
  >;

  constructor(graph: GraphBuilder, declarations: readonly VariableDeclaration[]) {
    const declared = declarations.map(({ name, variable, slots }, index) => ({
      variable,
      weight: addVariable(graph, `weight${index}`, { name, shape: variable.shape }),
      slots: slots.map((slot, position) =>
        addVariable(graph, `weight${index}_slot${position}`, { name: `${name}/${slot}`, shape: variable.shape }),
      ),
    }));
    this.weights = declared.map(({ weight }) => weight);
    this.slots = declared.flatMap(({ slots }) => slots);
    this.byVariable = new Map(
      declared.map(({ variable, weight, slots }) => [
        variable,
        { weight: weight.resource, slots: slots.map(({ resource }) => resource) },
      ]),
    );
    const assigned = [...this.weights, ...this.slots].map(({ resource, given }) => assign(graph, resource, given));
    this.written = graph.identity(graph.scalar(0), { after: assigned, name: "written" });
  }

  /** Resources of a weight and its slots; undefined if it is no weight. */
  resourcesOf(
    variable: Variable,
  ): { readonly weight: NodeReference; readonly slots: readonly NodeReference[] } | undefined {
    return this.byVariable.get(variable);
  }

  /** The current weights and slots. */
  readState(session: GraphSession): { readonly weights: NamedTensor[]; readonly optimizer: NamedTensor[] } {
    const values = session.run(
      [],
      [...this.weights, ...this.slots].map(({ read }) => read),
    );
    const all = [...this.weights, ...this.slots].map(({ name, shape }, index): NamedTensor => {
      const read = values[index];
      if (!(read instanceof Float32Array)) throw new TypeError(`the session gave no values of ${name}`);
      return { name, shape, values: read };
    });
    return { weights: all.slice(0, this.weights.length), optimizer: all.slice(this.weights.length) };
  }

  /** Sets all weights and slots; a slot that is not given becomes 0. */
  writeState(session: GraphSession, tensors: readonly NamedTensor[]): void {
    const byName = new Map(tensors.map((tensor) => [tensor.name, tensor.values]));
    const feeds = [...this.weights, ...this.slots].map(({ name, shape, given }): Feed => {
      const size = shape.reduce((product, dimension) => product * dimension, 1);
      return { node: given, type: "float32", shape, values: byName.get(name) ?? new Float32Array(size) };
    });
    session.run(feeds, [this.written]);
  }
}

/** Adds an assignment. @returns the node to wait for */
export function assign(
  graph: GraphBuilder,
  resource: NodeReference,
  value: NodeReference,
  after: readonly NodeReference[] = [],
) {
  const inputs = [resource, value, ...after.map((node) => `^${node}`)];
  return graph.add({ operation: "AssignVariableOp", inputs, attributes: { dtype: attribute.type("float32") } });
}

/** Adds a reading of a variable's value. */
export function readVariable(graph: GraphBuilder, resource: NodeReference): NodeReference {
  return graph.add({
    operation: "ReadVariableOp",
    inputs: [resource],
    attributes: { dtype: attribute.type("float32") },
  });
}

function addVariable(
  graph: GraphBuilder,
  node: string,
  { name, shape }: { readonly name: string; readonly shape: readonly number[] },
): GraphVariable {
  const attributes = {
    dtype: attribute.type("float32"),
    shape: attribute.shape(shape),
    shared_name: attribute.text(node),
    container: attribute.text(""),
  };
  const resource = graph.add({ operation: "VarHandleOp", attributes, name: node });
  const given = graph.placeholder(`${node}_given`, "float32", shape);
  return { name, shape, resource, read: readVariable(graph, resource), given };
}
