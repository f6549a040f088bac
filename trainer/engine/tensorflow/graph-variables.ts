import type { Variable } from "@tensorflow/tfjs-core";
import type { NamedTensor } from "../engine.ts";
import type { SlotDeclaration } from "../optimizer-slots.ts";
import { averageSlot } from "../weight-average.ts";
import type { NamedVariable } from "../weight-update.ts";
import { attribute, type GraphBuilder, type NodeReference } from "./graph-def.ts";
import type { Feed, GraphSession } from "./graph-session.ts";

/** A weight of the model and what is remembered of it. */
export interface VariableDeclaration extends NamedVariable {
  readonly slots: readonly SlotDeclaration[];
  /** Whether its moving average is kept. */
  readonly isAveraged: boolean;
}

/** Where a weight and what is remembered of it are, inside of a session. */
export interface WeightResources {
  readonly weight: NodeReference;
  /** In the order of the declaration. */
  readonly slots: readonly NodeReference[];
  readonly average: NodeReference | undefined;
}

/** A variable inside of a session. */
interface GraphVariable {
  readonly name: string;
  readonly shape: readonly number[];
  readonly resource: NodeReference;
  readonly read: NodeReference;
  readonly given: NodeReference;
  /** What every entry is if nothing is given. */
  readonly startValue: number;
}

/** Weights and optimizer slots as variables of one graph, shared by all that is computed in it. */
export class GraphVariables {
  private readonly weights: readonly GraphVariable[];
  private readonly slots: readonly GraphVariable[];
  private readonly written: NodeReference;
  private readonly byVariable: ReadonlyMap<Variable, WeightResources>;

  constructor(graph: GraphBuilder, declarations: readonly VariableDeclaration[]) {
    const declared = declarations.map((declaration, index) => declareWeight(graph, declaration, index));
    this.weights = declared.map(({ weight }) => weight);
    // As in the state of other engines: all slots, then all averages.
    this.slots = [...declared.flatMap(({ slots }) => slots), ...declared.flatMap(({ average }) => average ?? [])];
    this.byVariable = new Map(
      declared.map(({ variable, weight, slots, average }) => [
        variable,
        {
          weight: weight.resource,
          slots: slots.map(({ resource }) => resource),
          average: average?.resource,
        },
      ]),
    );
    const assigned = [...this.weights, ...this.slots].map(({ resource, given }) => assign(graph, resource, given));
    this.written = graph.identity(graph.scalar(0), { after: assigned, name: "written" });
  }

  /** Resources of a weight and its slots; undefined if it is no weight. */
  resourcesOf(variable: Variable): WeightResources | undefined {
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

  /** Sets all weights and slots; a slot that is not given becomes what it starts with. */
  writeState(session: GraphSession, tensors: readonly NamedTensor[]): void {
    const byName = new Map(tensors.map((tensor) => [tensor.name, tensor.values]));
    const feeds = [...this.weights, ...this.slots].map(({ name, shape, given, startValue }): Feed => {
      const size = shape.reduce((product, dimension) => product * dimension, 1);
      return {
        node: given,
        type: "float32",
        shape,
        values: byName.get(name) ?? new Float32Array(size).fill(startValue),
      };
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
export function readVariable(
  graph: GraphBuilder,
  resource: NodeReference,
  after: readonly NodeReference[] = [],
): NodeReference {
  return graph.add({
    operation: "ReadVariableOp",
    inputs: [resource, ...after.map((node) => `^${node}`)],
    attributes: { dtype: attribute.type("float32") },
  });
}

function declareWeight(graph: GraphBuilder, { name, variable, slots, isAveraged }: VariableDeclaration, index: number) {
  const node = `weight${index}`;
  const { shape } = variable;
  return {
    variable,
    weight: addVariable(graph, node, { name, shape, startValue: 0 }),
    slots: slots.map((slot, position) =>
      addVariable(graph, `${node}_slot${position}`, {
        name: `${name}/${slot.name}`,
        shape,
        startValue: slot.startValue,
      }),
    ),
    average: isAveraged
      ? addVariable(graph, `${node}_average`, { name: `${name}/${averageSlot}`, shape, startValue: 0 })
      : undefined,
  };
}

function addVariable(
  graph: GraphBuilder,
  node: string,
  { name, shape, startValue }: Pick<GraphVariable, "name" | "shape" | "startValue">,
): GraphVariable {
  const attributes = {
    dtype: attribute.type("float32"),
    shape: attribute.shape(shape),
    shared_name: attribute.text(node),
    container: attribute.text(""),
  };
  const resource = graph.add({ operation: "VarHandleOp", attributes, name: node });
  const given = graph.placeholder(`${node}_given`, "float32", shape);
  return { name, shape, resource, read: readVariable(graph, resource), given, startValue };
}
