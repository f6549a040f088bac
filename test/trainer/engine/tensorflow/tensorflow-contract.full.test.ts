import { test } from "vitest";
import { createTensorflowEngine } from "../../../../trainer/engine/tensorflow/tensorflow-engine.ts";
import { describeEngineContract } from "../../../contracts/engine-contract.ts";
import { nativeAddon as addon, whyNoAddon } from "./native-addon.ts";

if (whyNoAddon !== undefined) test.skip(`the native engine: ${whyNoAddon}`);
else {
  describeEngineContract("tensorflow, steps compiled", () => createTensorflowEngine({ addon }));
  describeEngineContract("tensorflow, steps eager", () => createTensorflowEngine({ addon, compiles: false }));
}
