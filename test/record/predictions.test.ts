import { describe, expect, test } from "vitest";
import { MemoryStore } from "../../src/record/memory-store.ts";
import { loadPredictions } from "../../src/record/predictions.ts";

const good = "example,label,predicted,probability\n0,7,7,0.99\n1,2,3,0.5\n";

async function storeWith(text: string): Promise<MemoryStore> {
  const store = new MemoryStore();
  await store.put("t/predictions.csv", new TextEncoder().encode(text));
  return store;
}

describe("the predictions of a trial", () => {
  test("are read into columns", async () => {
    const predictions = await loadPredictions(await storeWith(good), "t");

    expect(predictions).toEqual({
      labels: Uint16Array.of(7, 2),
      predicted: Uint16Array.of(7, 3),
      confidences: Float32Array.of(0.99, 0.5),
    });
  });

  test("are undefined if there are none", async () => {
    expect(await loadPredictions(new MemoryStore(), "t")).toBeUndefined();
  });

  test.each([
    ["another header", "a,b\n0,1\n", /:1: begins with "a,b"/],
    [
      "an example left out",
      good.replace("1,2,3,0.5\n", "2,2,3,0.5\n"),
      /:3: "2,2,3,0.5" is no prediction of example 1/,
    ],
    ["a cut line", good.slice(0, -6), /:3: "1,2," is no prediction/],
    ["an empty field", good.replace("1,2,3", "1,,3"), /:3:/],
    ["no class", good.replace("0,7,7", "0,x,7"), /:2:/],
    ["no probability", good.replace("0.99", "1.5"), /:2:/],
  ])("are refused with the line: %s", async (_, text, message) => {
    await expect(loadPredictions(await storeWith(text), "t")).rejects.toThrow(message);
  });
});
