import type { Tensor, Variable } from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { GraphBuilder } from "../../../../trainer/engine/tensorflow/graph-def.ts";
import type { NativeBackend } from "../../../../trainer/engine/tensorflow/native-backend.ts";
import { Trace } from "../../../../trainer/engine/tensorflow/trace.ts";

/** A tensor as far as a trace looks at it. */
function fakeTensor(shape: number[]): Tensor {
  return { dataId: {}, shape, dtype: "float32", size: 1 } as unknown as Tensor;
}

/** A backend whose operations compute nothing. */
function fakeBackend(values: Map<object, Float32Array> = new Map()): NativeBackend {
  const backend = {
    binding: {
      TF_ATTR_TYPE: 1,
      TF_ATTR_INT: 2,
      TF_ATTR_FLOAT: 3,
      TF_ATTR_BOOL: 4,
      TF_ATTR_STRING: 5,
      TF_ATTR_SHAPE: 6,
    },
    tensorMap: { get: (dataId: object) => ({ id: 1, values: values.get(dataId) ?? Float32Array.of(7) }) },
    executeSingleOutput: () => fakeTensor([2, 3]),
    executeMultipleOutputs: () => [fakeTensor([2, 3]), fakeTensor([2, 3])],
    readSync: () => Float32Array.of(1),
  };
  return backend as unknown as NativeBackend;
}

const type = [{ name: "T", type: 1, value: 1 }];
const kit = { isOnProcessor: false, hasOwnOperations: false };
const noVariables = { readVariable: () => undefined, variables: [], kit };

describe("a trace", () => {
  test("makes a node of every operation, and constants of what was made in JavaScript", () => {
    const graph = new GraphBuilder();
    const backend = fakeBackend();
    const trace = new Trace(backend, graph, noVariables);
    const input = fakeTensor([2, 3]);
    trace.bind(input, graph.placeholder("x", "float32", [2, 3]));

    const output = trace.record(() => backend.executeSingleOutput("Mul", type, [input, fakeTensor([])]));

    expect(trace.nodeOf(output)).toBe("Mul");
    expect(graph.nodeCount).toBe(3);
    expect(graph.encode().includes("Const")).toBe(true);
  });

  test("names further outputs of a node by their number", () => {
    const graph = new GraphBuilder();
    const backend = fakeBackend();
    const trace = new Trace(backend, graph, noVariables);

    const outputs = trace.record(() => backend.executeMultipleOutputs("Split", type, [fakeTensor([])], 2));

    expect(outputs.map((output) => trace.nodeOf(output))).toEqual(["Split", "Split:1"]);
  });

  test("writes the addition of a vector as the addition of a bias", () => {
    const graph = new GraphBuilder();
    const backend = fakeBackend();
    const trace = new Trace(backend, graph, noVariables);

    const output = trace.record(() =>
      backend.executeSingleOutput("AddV2", type, [fakeTensor([2, 3]), fakeTensor([3])]),
    );

    expect(trace.nodeOf(output)).toBe("BiasAdd");
  });

  test("refuses a step that reads a computed value in JavaScript", () => {
    const backend = fakeBackend();
    const trace = new Trace(backend, new GraphBuilder(), noVariables);

    const read = (): unknown =>
      trace.record(() => backend.readSync(backend.executeSingleOutput("Relu", type, [fakeTensor([2])]).dataId));

    expect(read).toThrow("it reads a computed value in JavaScript");
  });

  test("lets JavaScript read what JavaScript has made", () => {
    const backend = fakeBackend();
    const trace = new Trace(backend, new GraphBuilder(), noVariables);

    expect(trace.record(() => backend.readSync(fakeTensor([]).dataId))).toEqual(Float32Array.of(1));
  });

  test("refuses a variable that is no weight", () => {
    const backend = fakeBackend();
    const stranger = Object.assign(fakeTensor([2]), { name: "stranger" }) as unknown as Variable;
    const trace = new Trace(backend, new GraphBuilder(), { ...noVariables, variables: [stranger] });

    const use = (): unknown => trace.record(() => backend.executeSingleOutput("Relu", type, [stranger]));

    expect(use).toThrow("it reads the variable stranger, which is no weight");
  });

  test("leaves the backend as it was, also after an error", () => {
    const backend = fakeBackend();
    const { executeSingleOutput, readSync } = backend;
    const trace = new Trace(backend, new GraphBuilder(), noVariables);

    expect(() =>
      trace.record(() => {
        throw new Error("a layer failed");
      }),
    ).toThrow("a layer failed");

    expect(backend.executeSingleOutput).toBe(executeSingleOutput);
    expect(backend.readSync).toBe(readSync);
  });
});
