import { afterEach, expect, test, vi } from "vitest";
import { createTensorflowEngine } from "../../../../trainer/engine/tensorflow/tensorflow-engine.ts";
import { layerCases, lossCases, ruleCases } from "../../../contracts/training-cases.ts";
import { describeNative, nativeFiles as files } from "./native-addon.ts";
import { countSessions, train } from "./pooled-training.ts";

describeNative("a compiled model that another one takes over", () => {
  afterEach(() => vi.restoreAllMocks());

  test.each([...ruleCases, ...lossCases, ...layerCases])("gives the bytes of a fresh one: $name", async (each) => {
    const expected = await train(await createTensorflowEngine({ files }), each, 0.02, 3);
    const used = await createTensorflowEngine({ files });
    await train(used, each, 0.5, 3);
    const sessions = countSessions();

    const outcome = await train(used, each, 0.02, 3);

    expect(outcome).toEqual(expected);
    expect(sessions.opened()).toBe(0);
  });
});
