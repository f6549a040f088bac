import { createTensorflowEngine } from "../../../../trainer/engine/tensorflow/tensorflow-engine.ts";
import { describeEngineGradients } from "../../../contracts/engine-gradients.ts";
import { describeNative, nativeFiles as files } from "./native-addon.ts";

describeNative("layers on the native engine", () => {
  describeEngineGradients("tensorflow", () => createTensorflowEngine({ files }));
});
