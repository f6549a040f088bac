import { createTensorflowEngine } from "../../../../trainer/engine/tensorflow/tensorflow-engine.ts";
import { describeEngineTrajectories } from "../../../contracts/engine-trajectories.ts";
import { describeNative, nativeFiles as files } from "./native-addon.ts";

describeNative("rules on the native engine", () => {
  describeEngineTrajectories(
    "tensorflow",
    () => createTensorflowEngine({ files }),
    ({ optimizer }) => (optimizer === "adamw" ? 5e-5 : 4e-6),
  );
});
