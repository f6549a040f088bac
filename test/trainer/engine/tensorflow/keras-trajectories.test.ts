import { createTensorflowEngine } from "../../../../trainer/engine/tensorflow/tensorflow-engine.ts";
import { describeEngineTrajectories } from "../../../contracts/engine-trajectories.ts";
import { describeNative, nativeFiles as files } from "./native-addon.ts";

// Found when this was written: 1.34e-5 after one step of Adam, because TensorFlow's operation rounds 1 − beta2 as Keras does
// not, by as much the other way, and 2.2 such roundings after 20; all other rules at most 5.9e-7 after 20 steps.
describeNative("rules on the native engine", () => {
  describeEngineTrajectories("tensorflow", () => createTensorflowEngine({ files }), {
    oneAdamStep: 1.6e-5,
    end: 1e-6,
    adamEndInRoundings: 2.5,
  });
});
