import { expect, test } from "vitest";
import { attribute, GraphBuilder } from "../../../../trainer/engine/tensorflow/graph-def.ts";

test("a graph is encoded as TensorFlow reads it", () => {
  const graph = new GraphBuilder();

  const x = graph.placeholder("x", "float32", [2, 300]);
  const half = graph.constant("float32", [], Float32Array.of(0.5));
  const attributes = {
    keep_dims: attribute.boolean(true),
    ksize: attribute.integers([1, -1]),
    p: attribute.text("SAME"),
    f: attribute.float(0.25),
  };
  graph.add({ operation: "Sum", inputs: ["^x", x, half], attributes });

  // Parsed by TensorFlow 2.21 in Python (`graph_pb2.GraphDef().ParseFromString`) into the three nodes above, the constant
  // with the value 0.5, the sum with the inputs x, Const, ^x, ksize [1, -1] and f 0.25.
  expect(graph.encode().toString("base64")).toBe(
    "CjMKAXgSC1BsYWNlaG9sZGVyKgsKBWR0eXBlEgIwASoUCgVzaGFwZRILOgkSAggCEgMIrAIKMgoFQ29uc3QSBUNvbnN0KgsKBWR0eXBlEgIwASoV" +
      "CgV2YWx1ZRIMQgoIARIAIgQAAAA/ClwKA1N1bRIDU3VtGgF4GgVDb25zdBoCXngqDwoJa2VlcF9kaW1zEgIoASoYCgVrc2l6ZRIPCg0aCwH///////" +
      "////8BKgsKAXASBhIEU0FNRSoKCgFmEgUlAACAPiIDCNoO",
  );
});

test("equal small constants share a node", () => {
  const graph = new GraphBuilder();

  const [first, same, other] = [2, 2, 3].map((value) => graph.scalar(value));

  expect(same).toBe(first);
  expect(other).not.toBe(first);
});

test("a large constant of one value is filled in by TensorFlow, not written out", () => {
  const graph = new GraphBuilder();

  graph.constant("float32", [1000, 1000], new Float32Array(1_000_000).fill(1));

  expect(graph.encode().length).toBeLessThan(300);
});
